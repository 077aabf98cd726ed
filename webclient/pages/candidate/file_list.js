// Files of the work: choose or photograph, see the progress, remove.
import { useEffect, useState } from "preact/hooks";

import { safelyNamed } from "../../lib/file_name.js";
import { MOST_FILES, placesOf, takeAll } from "../../lib/files.js";
import { html } from "../../lib/html.js";
import { errorText, fileSize, t } from "../../lib/i18n.js";
import { isPage } from "../../lib/pages.js";
import { formatClock } from "../../lib/time.js";
import { usePlace } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { Misnamed } from "./misnamed.js";
import { LateFiles } from "./receipt.js";
import { RemoveFile } from "./remove_file.js";
import { SameName, namesakes } from "./same_name.js";
import { UnusualFiles, isUnusual } from "./unusual_files.js";

export function FileList({ candidate }) {
  const [refused, setRefused] = useState([]);
  const [asked, setAsked] = useState([]); // files that may not be openable, before they are sent
  const [doubled, setDoubled] = useState([]); // files whose names are taken
  const [removing, setRemoving] = useState(""); // the file that the candidate is asked about
  const all = candidate.work.complete.value;
  const complete = all.filter((one) => !isPage(one));
  const open = Boolean(candidate.room.value.released_at) && !candidate.work.readOnly.value;
  const pending = candidate.work.pending.value.filter((one) => !isPage(one)).map((one) => (one.full && open ? { ...one, state: "full" } : one));
  const unwanted = complete.find(({ file }) => file === removing); // none once another tab removed it
  const there = [...complete, ...pending];
  const send = async (files, replacing) => {
    const why = await takeAll(candidate.work.files, files, all, replacing);
    const said = ({ name, code }) => ({ name, code: code === "too_many_files" && namesakes({ name }, there).length > 0 ? "full_same_name" : code });
    setRefused((before) => [...before, ...why.map(said)]);
  };
  const take = async (files) => {
    const isFull = placesOf(all.map(({ file }) => file), candidate.work.files) >= MOST_FILES; // the old one stands until the new one is there
    const taken = (file, index) => !isFull && namesakes(file, [...there, ...files.slice(0, index)]).length > 0;
    setDoubled((before) => [...before, ...files.filter(taken)]);
    await send(files.filter((file, index) => !taken(file, index)));
  };
  const onChoose = async (event) => {
    const chosen = [...event.target.files].map(safelyNamed);
    event.target.value = "";
    setRefused([]);
    setAsked(chosen.filter(({ name }) => isUnusual(name)));
    await take(chosen.filter(({ name }) => !isUnusual(name)));
  };
  useEffect(() => { // the time was over before the candidate had said what to do with them
    if (open || asked.length + doubled.length === 0) return;
    setRefused((before) => [...before, ...[...asked, ...doubled].map(({ name }) => ({ name, code: "no_more" }))]);
    setAsked([]);
    setDoubled([]);
  }, [open, asked, doubled]);
  const answer = (sent) => {
    setAsked([]);
    if (sent) void take(asked);
  };
  const place = (replaces) => {
    setDoubled([]);
    void send(doubled, replaces ? (file) => namesakes(file, there).map((old) => old.file && old.sha256 ? old.file : old.id) : undefined);
  };
  return html`<div class="files"><div class="row between"><h2>${t("files.title")}</h2>
      <label class="button small ${open ? "" : "disabled"}">${t("files.add")}
        <input class="visually_hidden" type="file" multiple disabled=${!open} onChange=${onChoose} data-testid="file-input" /></label></div>
    <p class="small_text soft">${t("files.help")}</p>
    ${asked.length > 0 && html`<${UnusualFiles} names=${asked.map(({ name }) => name)} onSend=${() => answer(true)} onDiscard=${() => answer(false)} />`}
    ${asked.length === 0 && doubled.length > 0 && open && html`<${SameName} names=${[...new Set(doubled.map(({ name }) => name))]} onReplace=${() => place(true)} onBoth=${() => place(false)} />`}
    ${refused.map(({ name, code }) => html`<${Notice} kind="low" live testid="file-refused">${name}: ${t(`files.${code}`)}<//>`)}
    ${open && unwanted && html`<${RemoveFile} candidate=${candidate} file=${unwanted} size=${fileSize(unwanted.bytes)} onClose=${() => setRemoving("")} />`}
    <${LateFiles} files=${candidate.sitting.value.late_files ?? []} />
    <ul>${complete.map((one) => html`<${Complete} key=${one.file} ...${one} at=${namesakes(one, there).length > 1 && one.at} onRemove=${open && (() => setRemoving(one.file))} />`)}
      ${pending.map(({ id, name, bytes, sent, state, full, replaces, error: why }) => html`<li key=${id} data-testid="file-pending" data-state=${state}>
        <${Icon} name=${state === "failed" ? "warning" : "clock"} /><span class="file_name">${name}
          ${state === "failed" ? html`<span class="wrong">${errorText(why)}</span>`
            : html`<progress max=${bytes} value=${sent} aria-label=${t("files.progress", { name })}></progress>`}
          ${state === "full" && !candidate.isAway && html`<span class="soft small_text" data-testid="file-full">${t(`files.full_${full}`)}</span>`}
          ${replaces.length > 0 && html`<span class="soft small_text" data-testid="file-replaces">${t("files.replacing")}</span>`}</span>
        <span class="soft small_text figures">${t(`files.${candidate.isAway && ["waiting", "full"].includes(state) ? "stopped" : state}`)} ${state === "sending" ? `${Math.floor((100 * sent) / bytes)}%` : ""}</span>
        ${state === "failed" && open && why.code !== "copy_gone" && html`<button class="quiet small" onClick=${() => candidate.work.files.retry(id)} data-testid="file-retry">${t("common.try_again")}</button>`}
        ${open && html`<button class="quiet small" aria-label=${t("files.cancel_name", { name })} onClick=${() => candidate.work.files.drop(id)} data-testid="file-cancel">${t("files.cancel")}</button>`}</li>`)}</ul>
  </div>`;
}

function Complete({ file, name, bytes, looks, at, onRemove }) {
  const place = usePlace();
  return html`<li ref=${place} data-testid="file" data-file=${file}>
    <${Icon} name="ok" /><span class="file_name">${name}
      ${at && html`<span class="soft small_text" data-testid="file-at"> ${t("files.at", { time: formatClock(at) })}</span>`}
      <${Misnamed} name=${name} looks=${looks} /></span><span class="soft small_text figures">${fileSize(bytes)}</span>
    ${onRemove && html`<button class="quiet small" aria-label=${t("files.remove_name", { name })} onClick=${onRemove} data-testid="file-remove">${t("files.remove")}</button>`}</li>`;
}
