// Import a roster: choose a CSV, see what the server reads (dry run), import, then the codes, shown this once.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { errorText, language, t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";

const PREVIEW_ROWS = 50;

export function RosterDialog({ api, room, reload, onClose }) {
  const [file, setFile] = useState(null); // {name, text}
  const [preview, setPreview] = useState(null);
  const [imported, setImported] = useState(null);
  const [saved, setSaved] = useState(false);
  const [run, busy, error] = useAct();
  const send = (text, dry) => api.postText(`/api/rooms/${room.room}/roster${dry ? "?dry=1" : ""}`, text, "text/csv; charset=utf-8");
  const onChoose = async (event) => {
    const [chosen] = event.target.files;
    event.target.value = "";
    if (!chosen) return;
    const text = await chosen.text();
    setFile({ name: chosen.name, text });
    setPreview(null);
    await run(async () => setPreview(await send(text, true)));
  };
  const importNow = () => run(async () => {
    setImported(await send(file.text, false));
    await reload();
  });
  if (imported) return html`<${Codes} room=${room} candidates=${imported.candidates} saved=${saved} onSaved=${() => setSaved(true)} onClose=${onClose} />`;
  const actions = html`<button onClick=${onClose}>${t("common.cancel")}</button>
    <button class="primary" disabled=${busy || !preview} onClick=${importNow} data-testid="roster-import">${preview ? t("roster.import_count", { count: preview.imported }) : t("roster.import")}</button>`;
  return html`<${Dialog} title=${t("roster.title", { room: room.title })} wide onClose=${onClose} actions=${actions} testid="roster-dialog">
    <p class="soft">${t("roster.help")}</p><pre class="sample">số báo danh,họ và tên${"\n"}001,Nguyễn Thị An${"\n"}002,Trần Văn Bình</pre>
    ${room.candidates.length > 0 && html`<${Notice} kind="low">${t("roster.adds", { count: room.candidates.length })}<//>`}
    <div class="row"><label class="button">${t("roster.choose")}<input class="visually_hidden" type="file" accept=".csv,.txt,text/csv" onChange=${onChoose} data-testid="roster-input" /></label><span>${file?.name}</span></div>
    ${error?.code === "roster_rows" ? html`<${BadRows} error=${error} />` : html`<${ErrorNotice} error=${error} testid="roster-error" />`}
    ${preview && html`<${Notice} kind="ok">${t("roster.preview", { count: preview.imported })}<//>
      <div class="table_box scroll"><table data-testid="roster-preview"><thead><tr><th>${t("roster.number")}</th><th>${t("roster.full_name")}</th></tr></thead>
        <tbody>${preview.candidates.slice(0, PREVIEW_ROWS).map(({ number, full_name: name }) => html`<tr><td class="figures">${number}</td><td>${name}</td></tr>`)}</tbody></table></div>`}<//>`;
}

function BadRows({ error }) {
  return html`<${Notice} kind="high" testid="roster-error">${errorText(error)}<//>
    <div class="table_box scroll"><table data-testid="roster-rows"><thead><tr><th>${t("roster.row")}</th><th>${t("roster.column")}</th><th>${t("roster.wrong")}</th></tr></thead>
      <tbody>${error.details.rows.map((row) => html`<tr><td class="figures">${row.row}</td><td>${t(`roster.${row.column}`)}</td><td>${row[language.value]}</td></tr>`)}</tbody></table></div>`;
}

function Codes({ room, candidates, saved, onSaved, onClose }) {
  const [leaving, setLeaving] = useState(false);
  const download = () => {
    // The byte-order mark makes spreadsheet programs read Vietnamese names as UTF-8; a leading ' would be kept in cells.
    const lines = [["so_bao_danh", "ho_va_ten", "ma_thi"], ...candidates.map((one) => [one.number, one.full_name, one.code])];
    const csv = `\ufeff${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
    const url = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    Object.assign(document.createElement("a"), { href: url, download: `ma-thi-${room.title}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    onSaved();
  };
  const close = () => (saved || leaving ? onClose() : setLeaving(true));
  const actions = html`<button onClick=${() => { print(); onSaved(); }}>${t("common.print")}</button>
    <button class="primary" onClick=${download} data-testid="codes-download">${t("roster.download")}</button>
    <button class=${leaving ? "danger" : ""} onClick=${close} data-testid="codes-close">${t(leaving ? "roster.close_anyway" : "common.close")}</button>`;
  return html`<${Dialog} title=${t("roster.codes_title", { room: room.title })} wide onClose=${close} actions=${actions} testid="codes-dialog">
    <${Notice} kind=${leaving ? "high" : "low"}>${t(leaving ? "roster.codes_lost" : "roster.codes_once")}<//>
    <div class="table_box scroll"><table data-testid="codes"><thead><tr><th>${t("roster.number")}</th><th>${t("roster.full_name")}</th><th>${t("roster.code")}</th></tr></thead>
      <tbody>${candidates.map(({ number, full_name: name, code }) => html`<tr data-number=${number}><td class="figures">${number}</td><td>${name}</td><td class="mono" data-testid="code">${code}</td></tr>`)}</tbody></table></div><//>`;
}

const quoted = (cell) => (/[",\r\n;]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
