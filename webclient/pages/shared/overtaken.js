// Of two who decide the same thing the first wins; what the second is told: who did what, and when.
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";

/** `told` are the details of the error `overtaken`. */
export function overtakenText({ act, name, at, reason }) {
  return t(`overtaken.${act}`, { name, time: formatClock(at) }) + (reason ? ` (${reason})` : "");
}

/** The number of the act on `subject` that a sitting shows; a decision names it as the one that it replaces. */
export const seen = (sitting, subject) => sitting?.acts?.[subject]?.seq ?? 0;
