// Codes or passwords that the server told this once: to be saved, printed or handed on before the dialog closes.
import { useState } from "preact/hooks";

import { csv, save } from "../../lib/download.js";
import { html } from "../../lib/html.js";
import { language, t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";

/** `kind` is "codes" or "passwords"; `columns` the fields of `people`, the last of which is the secret. `slips` makes a PDF. */
export function SecretsDialog({ kind, title, people, columns, fileName, slips, onClose }) {
  const [saved, setSaved] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [run, busy, error] = useAct();
  const secret = columns.at(-1);
  const cell = (person, name) => (name === "role" ? t(`role.${person[name]}`) : person[name]);
  const download = () => {
    save(csv([columns.map((name) => t(`list.${name}`)), ...people.map((one) => columns.map((name) => cell(one, name)))]), `${fileName}.csv`);
    setSaved(true);
  };
  const printSlips = () => run(async () => {
    save(await slips(), `${fileName}.pdf`);
    setSaved(true);
  });
  const close = () => (saved || leaving ? onClose() : setLeaving(true));
  const actions = html`<button onClick=${() => { print(); setSaved(true); }}>${t("common.print")}</button>
    <button onClick=${download} data-testid=${`${kind}-download`}>${t("secrets.download")}</button>
    ${slips && html`<button class="primary" disabled=${busy} onClick=${printSlips} data-testid="codes-slips">${t("secrets.slips")}</button>`}
    <button class=${leaving ? "danger" : ""} onClick=${close} data-testid=${`${kind}-close`}>${t(leaving ? "secrets.close_anyway" : "common.close")}</button>`;
  return html`<${Dialog} title=${title} wide onClose=${close} actions=${actions} testid=${`${kind}-dialog`}>
    <${Notice} kind=${leaving ? "high" : "low"}>${t(leaving ? "secrets.lost" : `secrets.${kind}_once`)}<//><${ErrorNotice} error=${error} />
    <div class="table_box scroll" tabindex="0" role="group" aria-label=${title}><table data-testid=${kind}><thead><tr>${columns.map((name) => html`<th>${t(`list.${name}`)}</th>`)}</tr></thead>
      <tbody>${people.map((one) => html`<tr data-number=${one.number} data-name=${one.name}>${columns.map((name) => html`<td class=${name === secret ? "mono" : "figures"} data-testid=${name === secret ? name : null}>${cell(one, name)}</td>`)}</tr>`)}</tbody></table></div><//>`;
}

/** The codes of a room's candidates, with slips to print. */
export function CodesDialog({ api, room, candidates, onClose }) {
  const codes = Object.fromEntries(candidates.map(({ candidate, code }) => [candidate, code]));
  return html`<${SecretsDialog} kind="codes" title=${t("secrets.codes_title", { room: room.title })} people=${candidates} columns=${["number", "full_name", "code"]}
    fileName=${`ma-thi-${room.title}`} slips=${() => api.postForFile(`/api/rooms/${room.room}/slips.pdf?lang=${language.value}`, { codes })} onClose=${onClose} />`;
}
