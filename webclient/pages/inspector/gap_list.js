// What of the candidate's exam was not recorded: from when to when, picture or sound or both, and why (A14.2c.7).
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatElapsed } from "../../lib/time.js";

/** Whether something was lost: not where there was no sound to record, of somebody without a microphone. */
export const isLoss = ({ cause }) => cause !== "no_microphone";

export const missingAlone = ({ missing }) => (missing.length === 1 ? missing[0] : null);

const lasting = (gaps) => formatElapsed(gaps.reduce((sum, gap) => sum + gap.to_ms - gap.from_ms, 0));

function why(gap) {
  const alone = missingAlone(gap);
  if (!alone) return t(`gap.${gap.cause}`);
  return `${t(`gap.without_${alone}`)} – ${t(gap.cause === "no_media" ? "gap.not_sent" : `gap.${gap.cause}`)}`;
}

/** `isOver`: the exam; before that the last two minutes are not known yet. */
export function GapList({ gaps, isOver }) {
  const losses = gaps.filter(isLoss);
  const unheard = gaps.filter((gap) => !isLoss(gap));
  return html`${unheard.length > 0 && html`<p class="soft small_text" data-testid="no-microphone-recorded">${t("inspector.no_microphone", { time: lasting(unheard) })}</p>`}
    ${losses.length === 0 ? html`<p class="soft small_text" data-testid="no-gaps">${t(isOver ? "inspector.no_gaps" : "inspector.no_gaps_yet")}</p>`
      : html`<details data-testid="gaps"><summary>${t("inspector.gaps", { count: losses.length, time: lasting(losses) })}</summary>
    <ul>${losses.map((gap) => html`<li key=${gap.from_ms} data-testid="gap-row" data-cause=${gap.cause}>
      <span class="figures">${formatClock(gap.from_ms)}–${formatClock(gap.to_ms)}</span> (<span class="figures">${formatElapsed(gap.to_ms - gap.from_ms)}</span>): ${why(gap)}</li>`)}</ul></details>`}`;
}
