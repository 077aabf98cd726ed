// Words that the server did not have when the time was over: kept there as evidence, or on this computer only. They count for
// nothing either way, and that is said.
import { MOST_CHARACTERS } from "../../lib/answers.js";
import { html } from "../../lib/html.js";
import { grouped, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Notice } from "../shared/notice.js";
import { notTaken } from "./hand_over.js";

/** `framed`: a notice of its own. Nothing where the server had everything in time. */
export function LateText({ candidate, framed = false }) {
  const { dirty, text, readOnly, excess, handed } = candidate.work.answer.value ?? {};
  const kept = candidate.sitting.value?.late_texts?.at(-1);
  const isHereOnly = !kept && dirty && !handed && text.trim();
  if (!readOnly || !(kept || isHereOnly)) return null;
  const words = kept ? t("late_text.kept", { time: formatClock(kept.received_at) })
    : excess > 0 ? t("save.too_long", { most: grouped(MOST_CHARACTERS) }) // late or not, the server would not have taken it
    : t(candidate.room.value?.phase === "ended" ? "late_text.stays" : notTaken.value === text ? "save.missed"
      : candidate.connection.value.state === "signed_out" ? "late_text.signed_out" : "late_text.here");
  const testid = kept ? "late-text" : "late-text-here";
  return framed ? html`<${Notice} kind="low" live testid=${testid}>${words}<//>` : html`<span data-testid=${testid}>${words}</span>`;
}
