// What the whole room was told and given, and whom of it that reached: briefings; once the paper is out, the paper or the
// reserve paper, corrections and further files.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { BriefingReached, MaterialReached, PaperReached } from "../shared/reached.js";

export function RoomReached({ room }) {
  const { candidates, briefings = {}, materials = [], released_at: releasedAt, reserve_used_at: since } = room;
  const held = Object.entries(briefings);
  if (held.length === 0 && !releasedAt && materials.length === 0) return null;
  const at = since && Date.parse(since) > Date.parse(releasedAt) ? since : releasedAt;
  return html`<div class="stack" data-testid="room-reached">
    ${held.map(([topic, { at: told, times }]) => html`<div key=${topic}><${What} what=${t(`briefing.${topic}`)} at=${told} times=${times} /><${BriefingReached} sittings=${candidates} topic=${topic} times=${times} /></div>`)}
    ${releasedAt && html`<div><${What} what=${t(since ? "office.paper_reserve" : "office.paper")} at=${at} /><${PaperReached} sittings=${candidates} since=${since} /></div>`}
    ${materials.map(({ material, nature, title, at: given }) => html`<div key=${material}><${What} what=${`${t(`material.${nature}`)}: ${title}`} at=${given} />
      ${releasedAt ? html`<${MaterialReached} sittings=${candidates} material=${material} />` : html`<div class="small_text soft">${t("office.with_the_paper")}</div>`}</div>`)}</div>`;
}

const What = ({ what, at, times = 1 }) => html`<div class="small_text"><b>${what}</b> <span class="soft figures">${times > 1 ? t("reached.last_of", { times, time: formatClock(at) }) : formatClock(at)}</span></div>`;
