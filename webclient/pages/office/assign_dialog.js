// Which staff work in a room.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";

const ROLES = ["invigilator", "supervisor", "tech_support", "inspector"]; // who is assigned to rooms

export function AssignDialog({ api, room, staff, reload, onClose }) {
  const [chosen, setChosen] = useState(() => new Set(room.staff.map(({ subject }) => subject)));
  const [seen] = useState(room.staff_edition); // what the person began to change
  const [run, busy, error] = useAct();
  const close = useClose(onClose);
  const toggle = (subject) => {
    const next = new Set(chosen);
    if (!next.delete(subject)) next.add(subject);
    setChosen(next);
  };
  const save = () => run(async () => {
    await api.put(`/api/rooms/${room.room}/staff`, { staff: [...chosen] }, { seen });
    await reload();
    close();
  });
  const people = ROLES.map((role) => [role, staff.filter((one) => one.role === role)]);
  const actions = html`<${CloseButton}>${t("common.cancel")}<//>
    <button class="primary" disabled=${busy} onClick=${save} data-testid="assign-save">${t("common.save")}</button>`;
  return html`<${ActDialog} busy=${busy} title=${t("assign.title", { room: room.title })} onClose=${onClose} actions=${actions} testid="assign-dialog">
    <p class="soft">${t("assign.help")}</p>
    ${people.map(([role, ones]) => html`<fieldset class="stack" key=${role}><legend>${t(`role.${role}`)}</legend>
      ${ones.length === 0 && html`<p class="soft small_text">${t("assign.none", { role: t(`role.${role}`) })}</p>`}
      ${ones.map(({ subject, name, full_name: fullName, unit }) => html`<label class="check" key=${subject}>
        <input type="checkbox" checked=${chosen.has(subject)} onChange=${() => toggle(subject)} data-testid="assign-person" data-subject=${subject} data-name=${name} />
        <span>${fullName} <span class="soft">(${[name, unit].filter(Boolean).join(", ")})</span></span></label>`)}</fieldset>`)}<${ErrorNotice} error=${error} /><//>`;
}
