// A day of a plan, with a word at the field while its year cannot have been meant. The server decides.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { isoToLocalInput, serverClock } from "../../lib/time.js";

const EARLIEST = "1990-01-01"; // before it, a year was typed wrong or is still being typed: "0202" of "2027"
const LATEST = "9999-12-31"; // so that a year has no fifth figure
const DAY_MS = 86_400_000;

/** The last day that a decision can be signed on which is entered now: one more than today, for a place where it is tomorrow already. */
export const latestSigned = () => isoToLocalInput(serverClock.now() + DAY_MS).slice(0, 10);

/** `wrong`: the key of what is said of a day that cannot be meant. `isRead`: it is only read. `value`, and what `onInput` gets, is "2027-01-31". */
export function DayField({ id, label, wrong, value, latest = LATEST, required = false, isRead, onInput, testid }) {
  const isWrong = !isRead && Boolean(value) && (value < EARLIEST || value > latest);
  return html`<div class="field"><label for=${id}>${label}</label>
    <input id=${id} type="date" min=${EARLIEST} max=${latest} required=${required} value=${value ?? ""} aria-invalid=${isWrong} aria-describedby=${isWrong ? `${id}_wrong` : null}
      onInput=${(event) => onInput(event.target.value)} data-testid=${testid} />
    ${isWrong && html`<span class="wrong" role="alert" id=${`${id}_wrong`} data-testid=${`${testid}-wrong`}>${t(wrong)}</span>`}</div>`;
}
