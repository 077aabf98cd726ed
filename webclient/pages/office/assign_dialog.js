// Which staff work in a room.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";

export function AssignDialog({ api, room, staff, reload, onClose }) {
  const [chosen, setChosen] = useState(() => new Set(room.staff.map(({ subject }) => subject)));
  const [run, busy, error] = useAct();
  const toggle = (subject) => {
    const next = new Set(chosen);
    if (!next.delete(subject)) next.add(subject);
    setChosen(next);
  };
  const save = () => run(async () => {
    await api.put(`/api/rooms/${room.room}/staff`, { staff: [...chosen] });
    await reload();
    onClose();
  });
  const invigilators = staff.filter(({ role }) => role === "invigilator");
  const actions = html`<button onClick=${onClose}>${t("common.cancel")}</button>
    <button class="primary" disabled=${busy} onClick=${save} data-testid="assign-save">${t("common.save")}</button>`;
  return html`<${Dialog} title=${t("assign.title", { room: room.title })} onClose=${onClose} actions=${actions} testid="assign-dialog">
    <p class="soft">${t("assign.help")}</p>
    ${invigilators.length === 0 && html`<p>${t("assign.none")}</p>`}
    <div class="stack">${invigilators.map(({ subject, name, full_name: fullName }) => html`<label class="check">
      <input type="checkbox" checked=${chosen.has(subject)} onChange=${() => toggle(subject)} data-testid="assign-person" data-subject=${subject} data-name=${name} />
      <span>${fullName} <span class="soft">(${name})</span></span></label>`)}</div><${ErrorNotice} error=${error} /><//>`;
}
