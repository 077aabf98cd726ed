// The accounts of staff, with a way to another password for each, and a form for a new one.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ListTable } from "../shared/list_table.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";
import { PasswordDialog } from "./password_dialog.js";
import { StaffListDialog } from "./staff_list_dialog.js";

const ROLES = ["invigilator", "supervisor", "tech_support", "inspector", "training_office", "it_unit", "unit_head"];
const PASSWORD_CHARACTERS = 10;

export function StaffDialog({ api, staff, reload, onClose }) {
  const [importing, setImporting] = useState(false);
  const [forgot, setForgot] = useState(null); // who gets another password
  const [made, setMade] = useState(null);
  const [role, setRole] = useState(ROLES[0]);
  const [run, busy, error] = useAct();
  const onSubmit = (event) => {
    event.preventDefault();
    const form = event.target;
    const person = Object.fromEntries(new FormData(form));
    void run(async () => {
      await api.post("/api/staff", { ...person, name: person.name.trim(), full_name: person.full_name.trim(), unit: person.unit.trim() });
      setMade(person.full_name);
      form.reset();
      setRole(ROLES[0]);
      void reload(); // the list may come later: what was done is told, and keeps nobody here
    });
  };
  const columns = [
    { name: t("staff.full_name"), cell: (one) => one.full_name },
    { name: t("sign_in.name"), cell: (one) => one.name },
    { name: t("staff.unit"), cell: (one) => one.unit },
    { name: t("staff.role"), cell: (one) => t(`role.${one.role}`) },
    { name: "", cell: (one) => html`<button class="small" onClick=${() => setForgot(one)} data-testid="password-reset">${t("staff.reset")}</button>` },
  ];
  return html`<${ActDialog} busy=${busy} title=${t("office.staff")} wide onClose=${onClose} actions=${html`<${CloseButton} testid="staff-close">${t("common.close")}<//>`} testid="staff-dialog">
    <div class="scroll_box"><${ListTable} columns=${columns} rows=${staff} attributes=${({ subject, name }) => ({ key: subject, "data-name": name })} testid="staff-list" label=${t("office.staff")} /></div>
    <div><button onClick=${() => setImporting(true)} data-testid="staff-list-open">${t("staff.import")}</button></div>
    <form class="stack" onSubmit=${onSubmit} onInput=${() => setMade(null)}><h3>${t("staff.new")}</h3><div class="form_grid">
      <div class="field"><label for="staff_full_name">${t("staff.full_name")}</label><input id="staff_full_name" name="full_name" required data-testid="staff-full-name" /></div>
      <div class="field"><label for="staff_unit">${t("staff.unit")}</label><input id="staff_unit" name="unit" maxlength="200" required=${role === "unit_head"} data-testid="staff-unit" /></div>
      <div class="field"><label for="staff_role">${t("staff.role")}</label><select id="staff_role" name="role" value=${role} onChange=${(event) => setRole(event.target.value)} data-testid="staff-role">${ROLES.map((one) => html`<option value=${one}>${t(`role.${one}`)}</option>`)}</select></div>
      <div class="field"><label for="staff_name">${t("sign_in.name")}</label><input id="staff_name" name="name" required autocapitalize="none" autocomplete="off" data-testid="staff-name" /></div>
      <div class="field"><label for="staff_password">${t("sign_in.password")}</label><input id="staff_password" name="password" type="password" required minlength=${PASSWORD_CHARACTERS} autocomplete="new-password" data-testid="staff-password" />
        <span class="help">${t("staff.password_help", { count: PASSWORD_CHARACTERS })}</span></div></div>
      <${ErrorNotice} error=${error} testid="staff-error" />${made && html`<${Notice} kind="ok" live>${t("staff.made", { name: made })}<//>`}
      <div><button class="primary" disabled=${busy} data-testid="staff-create">${t("staff.create")}</button></div></form><//>
    ${importing && html`<${StaffListDialog} api=${api} reload=${reload} onClose=${() => setImporting(false)} />`}
    ${forgot && html`<${PasswordDialog} api=${api} person=${forgot} onClose=${() => setForgot(null)} />`}`;
}
