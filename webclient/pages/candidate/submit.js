// Hand in: a confirmation that lists exactly what goes in, then the submission. While that is under way nothing leads back to the
// work: what is written after it went out would not be in it.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { fileSize, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { Excess } from "./answer_editor.js";
import { Misnamed } from "./misnamed.js";
import { namesakes } from "./same_name.js";
import { BegunElsewhere } from "./unsent_files.js";

const UNDER_WAY = { saving: "submit.saving", naming: "submit.under_way", sent: "submit.waiting" };

export function Submit({ candidate, disabled }) {
  const [asking, setAsking] = useState(false);
  const close = () => {
    setAsking(false);
    candidate.work.submission.value = null; // it is none any more: that it did not arrive was read
  };
  return html`<button class="primary" disabled=${disabled} onClick=${() => setAsking(true)} data-testid="submit">${t("submit.button")}</button>
    ${(asking || candidate.work.submission.value) && html`<${Confirm} candidate=${candidate} onClose=${close} />`}`;
}

// Until when the bytes may follow, in milliseconds: as the receipt will say, never beyond the room's end.
const awaitedUntil = ({ deadline, grace, room }) => Math.min(Date.parse(deadline) + grace * 60_000, Date.parse(room.value.times.end_at));

// What is waited for, once it is no more than that.
function underWay({ stage, at }, candidate) {
  if (stage !== "open") return t(UNDER_WAY[stage]);
  const inTime = at <= Date.parse(candidate.deadline);
  return t(inTime ? "submit.open_in_time" : "submit.open", { time: formatClock(at), deadline: formatClock(candidate.deadline) });
}

function Confirm({ candidate, onClose }) {
  const [run, handing, error, setError] = useAct();
  const { text, dirty, excess } = candidate.work.answer.value;
  const readOnly = candidate.work.readOnly.value;
  const submission = candidate.work.submission.value ?? (handing ? { stage: "naming" } : null);
  const isLost = submission?.stage === "lost";
  const busy = submission !== null && !isLost;
  const isSent = ["sent", "open"].includes(submission?.stage); // before that its text is saved, and files are hashed
  const isConnected = candidate.connection.value.state === "connected";
  useEffect(() => { // what had not reached the server has now
    if (!dirty && error?.code === "not_saved") setError(null);
  }, [dirty]);
  useEffect(() => {
    if (isConnected && error?.isNetwork) setError(null);
  }, [isConnected]);
  const back = useRef();
  useEffect(() => { // the pressed button may be the one that is gone
    if (readOnly && document.activeElement === document.body) back.current.focus();
  }, [readOnly, busy]);
  const files = candidate.work.filesInOrder();
  const pending = candidate.work.pending.value;
  const failed = pending.filter(({ state }) => state === "failed").length;
  const wait = candidate.grace === 0 && pending.length > 0; // only whole files count
  const preparing = candidate.work.pageChanges.value >= 0 && candidate.work.pages.busy;
  const coming = wait ? [] : pending.filter(({ state }) => state !== "failed"); // these go in with the others
  const empty = !text.trim() && files.length + coming.length === 0;
  const leave = busy ? undefined : onClose;
  const actions = html`<button ref=${back} disabled=${busy} onClick=${leave} data-testid="submit-back">${t(readOnly ? "common.close" : "submit.back")}</button>
    ${!readOnly && html`<button class="primary" disabled=${busy || wait || preparing || excess > 0} onClick=${() => run(() => candidate.submit())} data-testid="submit-confirm">${t("submit.confirm")}</button>`}`;
  const lost = isLost && html`<${Notice} kind="high" live testid="submit-lost">${t("submit.lost", { time: formatClock(submission.at) })}<//>`;
  const isOver = ["after_submit_by", "held"].includes(readOnly);
  if (isOver && isSent) { // and the server says what became of it
    return html`<${Dialog} title=${t("submit.title")} onClose=${leave} actions=${actions} testid="submit-dialog"><${Notice} key=${submission.stage} kind="low" live testid="submit-waiting">${underWay(submission, candidate)}<//><//>`;
  }
  if (isOver) {
    return html`<${Dialog} title=${t("submit.title")} onClose=${leave} actions=${actions} testid="submit-dialog">${lost}<${Notice} kind="low" live testid="submit-over">${t(candidate.held ? candidate.heldText : "submit.over")}<//><//>`;
  }
  return html`<${Dialog} title=${t("submit.title")} onClose=${leave} actions=${actions} testid="submit-dialog">
    ${lost}<p>${t("submit.help")}</p>
    ${empty && html`<${Notice} kind="low">${t("submit.empty")}<//>`}
    <dl class="facts"><dt>${t("submit.text")}</dt><dd>${t("answer.length", { characters: [...text].length, words: text.trim() ? text.trim().split(/\s+/).length : 0 })}</dd>
      <dt>${t("submit.files")}</dt><dd data-testid="submit-files">${files.map((one) => html`<div key=${one.file}>${one.name} <span class="soft">(${fileSize(one.bytes)}${namesakes(one, files).length > 1 && one.at ? `, ${t("files.at", { time: formatClock(one.at) })}` : ""})</span> <${Misnamed} name=${one.name} looks=${one.looks} /></div>`)}
        ${coming.map(({ id, name, bytes }) => html`<div key=${id}>${name} <span class="soft">(${fileSize(bytes)}, ${t("files.coming")})</span></div>`)}
        ${files.length + coming.length === 0 && t("submit.no_files")}</dd></dl>
    <${BegunElsewhere} candidate=${candidate} words="submit.begun_elsewhere" />
    ${excess > 0 && html`<${Excess} characters=${excess} />`}
    ${busy && html`<${Notice} kind="low" live testid="submit-busy">${underWay(submission, candidate)}<//>`}
    ${preparing && !wait && html`<${Notice} kind="low" live>${t("submit.preparing")}<//>`}
    ${readOnly === "suspended" && html`<${Notice} kind="high" testid="submit-suspended">${t("exam.suspended")}<//>`}
    ${wait && pending.length > failed && html`<${Notice} kind="low">${t("submit.pending", { count: pending.length - failed })}<//>`}
    ${failed > 0 && html`<${Notice} kind="low" testid="submit-failed">${t("submit.failed", { count: failed })}<//>`}
    ${coming.length > 0 && html`<${Notice} kind="low" testid="submit-grace">${t("submit.pending_grace", { count: coming.length, time: formatClock(awaitedUntil(candidate)) })}<//>`}
    <${ErrorNotice} error=${error} /><//>`;
}
