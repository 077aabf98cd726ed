// What every import of a list has: templates to fill in, a file to choose, its preview or what is wrong with it.
import { useState } from "preact/hooks";

import { ApiError } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { errorText, language, t } from "../../lib/i18n.js";
import { FileChoice } from "../shared/file_choice.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";

const MOST_BYTES = 1_000_000;
const PREVIEW_ROWS = 50;

/** `{file, preview, error, busy, choose, importNow}`: a chosen list, as the server at `path` reads it. */
export function useListFile(api, path) {
  const [file, setFile] = useState(null); // {name, content}
  const [preview, setPreview] = useState(null);
  const [run, busy, error] = useAct();
  const choose = async (event) => {
    const [chosen] = event.target.files;
    event.target.value = "";
    if (!chosen) return;
    setPreview(null);
    await run(async () => {
      setFile({ name: chosen.name });
      if (chosen.size > MOST_BYTES) throw new ApiError({ code: "list_too_large" });
      const content = await chosen.arrayBuffer(); // kept: what was previewed is what is imported
      setFile({ name: chosen.name, content });
      setPreview(await api.postFile(`${path}?dry=1`, content));
    });
  };
  const importNow = () => run(() => api.postFile(path, file.content));
  return { file, preview, error, busy, choose, importNow };
}

/** The templates, the file input, and what the server says of the file. `columns` are the fields shown of a row. */
export function ListFile({ api, kind, list, rows, columns, children }) {
  const shown = columns.filter((name) => rows?.some((row) => row[name]));
  return html`<p class="soft">${t("list.help")} ${children}</p>
    <div class="row"><span class="soft small_text">${t("list.templates")}</span>
      ${["xlsx", "csv"].map((form) => html`<a class="button small" href=${api.link(`/api/lists/${kind}/template.${form}`)} download data-testid=${`template-${form}`}>${form.toUpperCase()}</a>`)}</div>
    <${FileChoice} accept=".csv,.txt,.xlsx,text/csv" onChange=${list.choose} chosen=${list.file?.name} testid=${`${kind}-input`} />
    <${ListError} error=${list.error} kind=${kind} />
    ${list.preview && html`<${Notice} kind="ok">${t("list.preview", { count: list.preview.imported })}<//>
      <${Columns} columns=${list.preview.columns} />
      <${Warnings} rows=${list.preview.warnings} />
      <div class="table_box scroll"><table data-testid=${`${kind}-preview`}><thead><tr>${shown.map((name) => html`<th>${t(`list.${name}`)}</th>`)}</tr></thead>
        <tbody>${rows.slice(0, PREVIEW_ROWS).map((row) => html`<tr>${shown.map((name) => html`<td class="figures">${name === "role" ? t(`role.${row[name]}`) : row[name] || ""}</td>`)}</tr>`)}</tbody></table></div>`}`;
}

// Every column of the file by its own heading: what it is taken as, or that nobody reads it.
function Columns({ columns }) {
  const ignored = columns.filter((one) => !one.taken_as);
  return html`<div class="stack tight" data-testid="list-columns"><p class="small_text">${t("list.taken", { columns: columns.filter((one) => one.taken_as).map(({ heading, taken_as: name }) => `“${heading}” → ${t(`list.${name}`)}`).join("; ") })}</p>
    ${ignored.length > 0 && html`<${Notice} kind="low" testid="list-ignored">${t("list.ignored", { columns: ignored.map(({ heading }) => `“${heading}”`).join(", ") })}<//>`}</div>`;
}

/** A refusal: with a table of rows when it names some. */
export function ListError({ error, kind }) {
  if (!error?.details?.rows) return html`<${ErrorNotice} error=${error} testid=${`${kind}-error`} />`;
  return html`<${Notice} kind="high" testid=${`${kind}-error`}>${errorText(error)}<//><${Rows} rows=${error.details.rows} testid=${`${kind}-rows`} />`;
}

function Warnings({ rows }) {
  return rows?.length > 0 && html`<${Notice} kind="low" testid="list-warnings">${t("list.warnings")}<//><${Rows} rows=${rows} testid="list-warning-rows" />`;
}

function Rows({ rows, testid }) {
  const where = ({ full_name: name, number, room_title: room, exam_title: exam }) => room && `${number} ${name} – ${room}, ${exam}`;
  return html`<div class="table_box scroll"><table data-testid=${testid}><thead><tr><th>${t("list.row")}</th><th>${t("list.column")}</th><th>${t("list.wrong")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr data-code=${row.code}><td class="figures">${row.row || ""}</td><td>${t(`list.${row.column}`)}</td>
      <td>${row[language.value]}${where(row) && html`<br /><span class="soft">${where(row)}</span>`}</td></tr>`)}</tbody></table></div>`;
}
