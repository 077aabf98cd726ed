// What of the candidate's exam was not recorded: from when to when, and why (A14.2c.7).
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatElapsed } from "../../lib/time.js";

/** `isOver`: the exam; before that the last two minutes are not known yet. */
export function GapList({ gaps, isOver }) {
  if (gaps.length === 0) return html`<p class="soft small_text" data-testid="no-gaps">${t(isOver ? "inspector.no_gaps" : "inspector.no_gaps_yet")}</p>`;
  const total = gaps.reduce((sum, gap) => sum + gap.to_ms - gap.from_ms, 0);
  return html`<details data-testid="gaps"><summary>${t("inspector.gaps", { count: gaps.length, time: formatElapsed(total) })}</summary>
    <ul>${gaps.map(({ from_ms: from, to_ms: to, cause }) => html`<li key=${from} data-testid="gap-row" data-cause=${cause}>
      <span class="figures">${formatClock(from)}–${formatClock(to)}</span> (<span class="figures">${formatElapsed(to - from)}</span>): ${t(`gap.${cause}`)}</li>`)}</ul></details>`;
}
