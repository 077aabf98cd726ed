// The receipt: what the server took over, when, and the signed head of the log that proves it.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatDate, serverClock } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { AskedElsewhere } from "./asked_elsewhere.js";
import { awaitedHere } from "./awaited_here.js";
import "./ending_texts.js";
import { LateText } from "./late_text.js";
import { UseHere } from "./superseded.js";

export function Receipt({ candidate }) {
  const { number, full_name: fullName, submitted_at: submittedAt = candidate.handedIn } = candidate.sitting.value ?? candidate.recalled ?? {};
  const receipt = candidate.receipt.value;
  const [copied, setCopied] = useState(false);
  if (!receipt) {
    return html`<${Notice} kind="ok" testid="handed-in"><span>${t("receipt.at", { time: formatClock(submittedAt), date: formatDate(submittedAt) })}</span>
      ${(candidate.readmission.value || !candidate.sitting.value) && html`<${Elsewhere} candidate=${candidate} />`}<//>`;
  }
  const text = JSON.stringify({ exam: candidate.room.value?.exam_title, number, full_name: fullName, ...receipt }, null, 2);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  const download = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    Object.assign(document.createElement("a"), { href: url, download: `bien-nhan-${number}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };
  return html`<${AskedElsewhere} candidate=${candidate} words=${t("receipt.asked_moves")} />
  <section class="card stack loose" data-testid="receipt" data-submission=${receipt.submission} data-sha256=${receipt.sha256}>
    <div class="row receipt_head"><${Icon} name="ok" size=${34} /><div><h1>${t("receipt.title")}</h1>
      <p class="soft">${t(receipt.collected ? "receipt.collected_at" : "receipt.at", { time: formatClock(receipt.received_at), date: formatDate(receipt.received_at) })}</p></div></div>
    ${receipt.collected && html`<${Notice} kind="low" testid="receipt-collected">${t(receipt.collected.because ? "receipt.collected_office" : "receipt.collected_exam", { reason: receipt.collected.because })}<//>`}
    <dl class="facts digests"><dt>${t("receipt.number")}</dt><dd class="mono">${receipt.submission}</dd>
      <dt>${t("receipt.candidate")}</dt><dd>${number} · ${fullName}</dd>
      <dt>${t("receipt.sha256")}</dt><dd class="mono">${receipt.sha256}</dd>
      <dt>${t("receipt.text_sha256")}</dt><dd class="mono">${receipt.text_sha256}</dd>
      ${receipt.files.map((file) => html`<dt>${file.name}</dt><dd class="mono">${file.sha256}</dd>`)}
      <dt>${t("receipt.ledger")}</dt><dd class="mono">${receipt.ledger.seq} · ${receipt.ledger.head}</dd>
      <dt>${t("receipt.signature")}</dt><dd class="mono">${receipt.ledger.signature}</dd></dl>
    ${candidate.work.stayed(receipt).length > 0 && html`<${Notice} kind="high" live testid="receipt-replaced-stays">${t("error.replaced_stays")}<//>`}
    ${candidate.sitting.value ? html`<${Awaited} candidate=${candidate} receipt=${receipt} />` : html`<${Elsewhere} candidate=${candidate} />`}<${LateText} candidate=${candidate} framed />
    ${receipt.awaited?.length ? null : html`<p class="small_text soft">${t("receipt.help")}</p>`}
    <div class="row no_print"><button onClick=${copy} data-testid="receipt-copy">${t(copied ? "receipt.copied" : "receipt.copy")}</button>
      <button onClick=${download} data-testid="receipt-download">${t("receipt.download")}</button>
      <button onClick=${() => print()}>${t("common.print")}</button></div>
  </section>`;
}

// At another device than that of the work. Who needs the receipt here before the end asks for it as for any other device; where
// files lie that are awaited, one has to.
function Elsewhere({ candidate }) {
  const now = useNow(1000);
  const { files, until } = awaitedHere(candidate) ?? {};
  const asks = candidate.readmission.value && candidate.entrance.prepared;
  const isConnected = candidate.connection.value.state === "connected";
  if (files) {
    const stands = now > Date.parse(until) ? "wait_over" : !asks ? "lies_here" : isConnected ? "asks" : "asks_unconnected";
    return html`<div key=${stands} role="status" class="stack" data-testid="awaited-here"><strong>${t(`receipt.${stands}`, { count: files.length, time: formatClock(until) })}</strong>
      <ul>${files.map(({ file, name }) => html`<li key=${file}>${name}</li>`)}</ul>
      ${stands === "lies_here" && html`<div><button class="primary" onClick=${() => { candidate.asksReceipt.value = true; }} data-testid="awaited-use-here">${t("exam.use_here")}</button></div>`}</div>`;
  }
  const { awaited = [], awaited_until: waitsUntil, completed_at: completedAt, incomplete_at: incompleteAt } = candidate.awaited;
  const sent = waitsUntil && !(serverClock.known && now > Date.parse(waitsUntil)) && html`<div class="stack" data-testid="sent-elsewhere"><strong>${t("receipt.sent_elsewhere", { time: formatClock(waitsUntil) })}</strong>
    ${awaited.length > 0 && html`<ul>${awaited.map(({ file, name }) => html`<li key=${file}>${name}</li>`)}</ul>`}</div>`;
  if (candidate.receipt.value) {
    return html`${sent}${completedAt && html`<${Notice} kind="ok" testid="receipt-completed">${t("receipt.completed", { time: formatClock(completedAt) })}<//>`}
      ${incompleteAt && html`<${Notice} kind="high" testid="receipt-incomplete">${t("receipt.incomplete", { time: formatClock(incompleteAt) })}<//>`}`;
  }
  return html`<span>${t("receipt.elsewhere", { time: formatClock(candidate.room.value.times.end_at) })}</span>
    ${sent}
    ${asks ? html`<span>${t(isConnected ? "receipt.asked_here" : "receipt.asked_unconnected")}</span>`
      : html`<div><button onClick=${() => { candidate.asksReceipt.value = true; }} data-testid="receipt-ask">${t("receipt.ask_here")}</button></div>`}`;
}

// What the submission named and whose bytes follow: this page goes on sending until the moment that is told.
function Awaited({ candidate, receipt: received }) {
  const { late_files: late = [], completed_at: completedAt, incomplete_at: incompleteAt } = candidate.sitting.value;
  // No other receipt comes to a page that was not let in again.
  const receipt = candidate.readmission.value ? { ...received, completed: completedAt && { at: completedAt }, missing: Boolean(incompleteAt) } : received;
  const until = receipt.awaited_until && formatClock(receipt.awaited_until);
  const count = receipt.awaited?.length ?? 0;
  return html`${receipt.completed && html`<${Notice} kind="ok" live testid="receipt-completed">${t("receipt.completed", { time: formatClock(receipt.completed.at) })}<//>`}
    ${count > 0 && receipt.missing && html`<${Notice} kind="high" live testid="receipt-missing"><strong>${t("receipt.missing", { count, time: until })}</strong>
      <ul>${receipt.awaited.map(({ file, name }) => html`<li key=${file}>${name}</li>`)}</ul><//>`}
    ${count > 0 && !receipt.missing && !receipt.completed && html`<${Sending} candidate=${candidate} receipt=${receipt} until=${until} />`}
    <${LateFiles} files=${late} />`;
}

// Whether this page is sending them: what it was told is so no more once another page has the place, or nothing connects it. Who
// took the place back from another device sends nothing before an invigilator has admitted this one. What does not lie here is sent
// from where it lies, and only as long as that device has the place: said apart, and nothing invites to take the place from there.
function Sending({ candidate, receipt, until }) {
  const { pending, complete } = candidate.work;
  const open = receipt.awaited.filter(({ file }) => !complete.value.some((one) => one.file === file)); // arrived, and not yet told anew
  const here = ({ file, name }) => pending.value.find((one) => one.awaited === file || (!one.awaited && one.name === name));
  const [lying, others] = [open.filter(here), open.filter((one) => !here(one))];
  return html`${lying.length > 0 && html`<${Standing} candidate=${candidate} files=${lying} here=${here} receipt=${receipt} until=${until} />`}
    ${others.length > 0 && html`<${Standing} candidate=${candidate} files=${others} receipt=${receipt} until=${until} />`}`;
}

// `here(file)`: the upload; none where they lie elsewhere.
function Standing({ candidate, files, here, receipt, until }) {
  const now = useNow(1000);
  const { state } = candidate.connection.value;
  const isConnected = state === "connected";
  const isSending = isConnected && !candidate.readmission.value;
  const stands = candidate.isAway ? "away" : state === "signed_out" ? "signed_out"
    : isConnected && !isSending ? "asks"
    : isSending ? "awaited" : now > Date.parse(receipt.awaited_until) ? "unknown"
    : here && candidate.readmission.value ? "asks_unconnected" : "unconnected";
  const words = here ? stands : stands === "asks" && candidate.sitting.value.connected ? "elsewhere_asks_sent" : `elsewhere_${stands}`;
  return html`<${Notice} key=${words} kind=${isConnected ? "low" : "technical"} icon=${isConnected || candidate.isAway ? undefined : "offline"} live testid="receipt-awaited">
    <strong>${t(`receipt.${words}`, { count: files.length, time: until })}</strong>
    <ul>${files.map((file) => html`<li key=${file.file}>${file.name}
      ${here && isSending && html` <progress max=${file.bytes} value=${here(file).sent} aria-label=${t("files.progress", { name: file.name })}></progress>`}</li>`)}</ul>
    ${here && candidate.isAway && html`<${UseHere} candidate=${candidate} />`}<//>`;
}

/** Files that came after the deadline, while the exam was suspended, or in the place of another: kept, and no part of what was handed in. */
export function LateFiles({ files }) {
  const found = ["late", "suspended", "not_as_declared"].map((why) => [why, files.filter((one) => one.why === why)]).filter(([, some]) => some.length > 0);
  return found.length > 0 && found.map(([why, some]) => html`<${Notice} kind="low" testid=${why === "late" ? "late-files" : `late-files-${why}`}><strong>${t(`files.${why}`)}</strong>
    <ul>${some.map(({ file, name, received_at: at }) => html`<li key=${file}>${name} <span class="soft">(${formatClock(at)})</span></li>`)}</ul><//>`);
}
