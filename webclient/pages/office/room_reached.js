// What went to all of a room once the paper was out, and whom of it that reached: the paper or the reserve paper,
// corrections and further files.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { MaterialReached, PaperReached } from "../shared/reached.js";

export function RoomReached({ room }) {
  const { candidates, materials = [], released_at: releasedAt, reserve_used_at: since } = room;
  if (!releasedAt && materials.length === 0) return null;
  const at = since && Date.parse(since) > Date.parse(releasedAt) ? since : releasedAt;
  return html`<div class="stack" data-testid="room-reached">
    ${releasedAt && html`<div><${What} what=${t(since ? "office.paper_reserve" : "office.paper")} at=${at} /><${PaperReached} sittings=${candidates} since=${since} /></div>`}
    ${materials.map(({ material, nature, title, at: given }) => html`<div key=${material}><${What} what=${`${t(`material.${nature}`)}: ${title}`} at=${given} />
      ${releasedAt ? html`<${MaterialReached} sittings=${candidates} material=${material} />` : html`<div class="small_text soft">${t("office.with_the_paper")}</div>`}</div>`)}</div>`;
}

const What = ({ what, at }) => html`<div class="small_text"><b>${what}</b> <span class="soft figures">${formatClock(at)}</span></div>`;
