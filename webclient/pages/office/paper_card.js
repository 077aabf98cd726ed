// The sealed paper: opened here before it is sent, upload with progress, replace (after a question), preview (which is logged).
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { fileSize, t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { pagesOf } from "./pdf_check.js";

const MOST_BYTES = 20_000_000;

/** `use`: "main", or "reserve" for the paper that waits in case the first one must not be used. */
export function PaperCard({ api, exam, reload, use = "main" }) {
  const [progress, setProgress] = useState(null);
  const [opened, setOpened] = useState(null); // {file, count}: what was chosen last, once it was opened here
  const [replacing, setReplacing] = useState(false); // asked whether it takes the place of the one before
  const [asking, setAsking] = useState(false);
  const [run, busy, error, setError] = useAct();
  const paper = use === "main" ? exam.paper : exam.reserve;
  const isConfirmed = use === "main" && exam.plan.regime === "B" && Boolean(exam.published_at); // another one needs the publication withdrawn
  // It is out, or a candidate has it, sealed; of a room that sleeps, which ended long ago, that is not told.
  const isLocked = use === "main" && paper && exam.rooms.some(({ paper_locked: locked, phase, times }) => locked || (phase === "ended" && !times));
  const named = (id) => (use === "main" ? id : `${use}-${id}`);
  const send = async (file) => {
    setReplacing(false);
    setProgress(0);
    try {
      await api.upload(`/api/exams/${exam.exam}/paper?use=${use}`, file, "application/pdf", setProgress);
      await reload();
    } finally {
      setProgress(null);
    }
  };
  const keep = () => {
    setReplacing(false);
    setOpened(null); // it is not sent
  };
  const onChoose = (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    setOpened(null);
    if (file.size > MOST_BYTES) return setError({ code: "paper_too_large" });
    void run(async () => {
      setOpened({ file, count: await pagesOf(file) });
      if (paper) setReplacing(true);
      else await send(file);
    });
  };
  return html`<section class="card stack" aria-labelledby=${named("paper_title")}><div class="row between"><h2 id=${named("paper_title")}>${t(use === "main" ? "office.paper" : "office.paper_reserve")}</h2>
      <div class="row">${paper && html`<button class="small" onClick=${() => setAsking(true)} data-testid=${named("paper-preview")}>${t("office.paper_preview")}</button>`}
        ${!isConfirmed && !isLocked && html`<label class="button small">${t(paper ? "office.paper_replace" : "office.paper_upload")}
          <input class="visually_hidden" type="file" accept="application/pdf,.pdf" disabled=${busy} onChange=${onChoose} data-testid=${named("paper-input")} /></label>`}</div></div>
    ${busy && progress === null && html`<p class="small_text" role="status">${t("office.paper_opening")}</p>`}
    ${opened && html`<p class="row small_text" role="status" data-testid=${named("paper-opened")}><${Icon} name="ok" size=${14} />${t("office.paper_opened", { name: opened.file.name, count: opened.count })}</p>`}
    ${progress !== null && html`<div role="status"><progress max="1" value=${progress}></progress><span class="small_text">${t("office.paper_uploading", { percent: Math.floor(progress * 100) })}</span></div>`}
    ${paper ? html`<p class="row" data-testid=${named("paper-sealed")}><${Icon} name="lock" />${t("office.paper_facts", { size: fileSize(paper.bytes) })}</p>
      <p class="soft small_text">SHA-256 <code>${paper.sha256}</code></p>`
      : use === "main" ? html`<${Notice} kind="low">${t("office.paper_none")}<//>` : html`<p class="soft small_text">${t("office.paper_reserve_none")}</p>`}
    ${exam.plan.regime === "B" && paper && html`<p class="row"><${Icon} name=${paper.confirmed_at ? "ok" : "warning"} />${t(paper.confirmed_at ? "office.paper_confirmed" : "office.paper_unconfirmed")}</p>`}
    ${isLocked ? html`<p class="soft small_text" data-testid="paper-locked">${t("office.paper_locked")}</p>`
      : isConfirmed && html`<p class="soft small_text">${t("office.paper_published")}</p>`}
    <${ErrorNotice} error=${error} testid=${named("paper-error")} />
    ${replacing && html`<${Dialog} title=${t("office.paper_replace")} onClose=${keep} testid=${named("replace-dialog")} actions=${html`
      <button onClick=${keep}>${t("common.cancel")}</button>
      <button class="danger" onClick=${() => run(() => send(opened.file))} data-testid=${named("paper-replace-confirm")}>${t("office.paper_replace")}</button>`}>
        <p>${t("office.paper_replace_help", { name: opened.file.name })}</p><p class="figures" data-testid=${named("replace-pages")}>${t("office.paper_opened", { name: opened.file.name, count: opened.count })}</p><//>`}
    ${asking && html`<${Dialog} title=${t("office.paper_preview")} testid="preview-dialog" onClose=${() => setAsking(false)} actions=${html`
      <button onClick=${() => setAsking(false)}>${t("common.cancel")}</button>
      <a class="button primary" href=${api.link(`/api/exams/${exam.exam}/paper?use=${use}`)} target="_blank" rel="noopener" onClick=${() => setAsking(false)}>${t("office.paper_preview_open")}</a>`}><p>${t("office.paper_preview_help")}</p><//>`}
  </section>`;
}
