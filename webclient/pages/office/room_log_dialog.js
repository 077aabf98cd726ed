// A room's log in words, for the office: what concerned the whole room, or one candidate, in the order in which it happened.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { EventList } from "../inspector/event_list.js";
import { known } from "../inspector/sentences.js";
import { Dialog } from "../shared/dialog.js";
import { LogState, useLog } from "../shared/use_log.js";

/** `staff`: everybody who has an account, of whom a log may speak that never came into the room. */
export function RoomLogDialog({ api, room, staff, onClose }) {
  const path = `/api/rooms/${room.room}`;
  const log = useLog(api, `${path}/events`);
  const [candidate, setCandidate] = useState("");
  const it = known(log.events, null);
  for (const { subject, full_name: name } of staff) it.staff.set(subject, name);
  return html`<${Dialog} wide title=${t("office.room_log_title", { room: room.title })} onClose=${onClose} testid="room-log-dialog" actions=${html`<button onClick=${onClose}>${t("common.close")}</button>`}>
    <div class="field"><label for="log_candidate">${t("office.room_log_whose")}</label><select id="log_candidate" value=${candidate} onChange=${(event) => setCandidate(event.target.value)} data-testid="room-log-candidate">
      <option value="">${t("office.room_log_common")}</option>${[...it.candidates].sort(([, a], [, b]) => a.localeCompare(b, "vi", { numeric: true })).map(([id, name]) => html`<option key=${id} value=${id}>${name}</option>`)}</select></div>
    <${LogState} log=${log} />
    ${log.events.length > 0 && html`<${EventList} key=${candidate} events=${log.events} isWhole=${log.isWhole} it=${it} candidate=${candidate} stillLink=${(violation) => api.link(`${path}/violations/${violation}/still`)} />`}<//>`;
}
