// After the last deadline: the two lists, read before they go out, and the hand-over of everything (A14.2dd, A14.2e).
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { refusalText, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { CloseButton, Dialog } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { PublishedLists, TwoLists, namesakesIn } from "../shared/published_lists.js";
import { Working } from "../shared/working.js";

export function ClosingPart({ watched, run, busy, onPublish }) {
  const room = watched.room.value;
  const lists = watched.lists.value;
  const { handover } = room;
  const { publish_lists: notYet, hand_over: not } = room.refuses;
  return html`<section class="stack"><h3>${t("run.closing")}</h3>
    ${notYet && html`<p class="soft" data-testid="publish-not">${notYet.code === "not_closed" ? t("run.closing_later", { time: formatClock(room.last_deadline) }) : refusalText(notYet)}</p>`}
    <div class="row between"><span>${lists ? t("run.published", { version: lists.version, time: formatClock(lists.at) }) : t("run.not_published")}</span>
      <button class="small primary" disabled=${busy || Boolean(notYet)} onClick=${onPublish} data-testid="publish-lists">${t(lists ? "run.lists_again" : "run.publish")}…</button></div>
    ${room.lists_outdated && html`<${Notice} kind="low" testid="lists-outdated">${t("run.lists_outdated", { version: lists.version })}<//>`}
    ${lists && html`<${PublishedLists} lists=${lists} sittings=${[...watched.sittings.value.values()]} />`}
    <div class="row between"><span>${t("run.handover_help")}${not && !["handed_over", notYet?.code].includes(not.code) && html` <span class="soft" data-testid="hand-over-not">${not.code === "room_not_over" ? t("run.handover_later", { time: formatClock(room.times.end_at) }) : refusalText(not)}</span>`}
      ${handover && html` <span class="badge ${handover.received_at ? "ok" : ""}" data-testid="handover-state">${t(handover.received_at ? "run.handover_received" : "run.handover_waits", { time: formatClock(handover.received_at ?? handover.at) })}</span>`}</span>
      <button class="small primary" disabled=${busy || Boolean(not)} onClick=${() => run(() => watched.handOver(handover?.seq ?? 0))} data-testid="hand-over">${t(handover ? "run.hand_over_again" : "run.hand_over")}</button></div></section>`;
}

/** The lists as they would go out now; a correction says why. */
export function PublishDialog({ watched, onClose }) {
  const [lists, setLists] = useState(watched.lists.value); // as they were when the person began to decide
  const [preview, setPreview] = useState(null);
  const [reason, setReason] = useState("");
  const [run, busy, error] = useAct();
  const close = useClose(onClose);
  const look = async () => setPreview(await watched.previewLists());
  useEffect(() => void run(look), []);
  const namesakes = preview ? namesakesIn(preview, [...watched.sittings.value.values()]) : [];
  const onSubmit = (event) => {
    event.preventDefault();
    void run(async () => {
      try {
        await watched.publishLists(reason.trim(), lists?.seq ?? 0, preview.seen);
      } catch (refused) {
        if (["lists_changed", "overtaken"].includes(refused.code)) {
          await look();
          setLists(watched.lists.value);
        }
        throw refused;
      }
      close();
    });
  };
  return html`<${Dialog} title=${t(lists ? "run.lists_again" : "run.publish")} onClose=${onClose} testid="publish-dialog"><form class="stack" onSubmit=${onSubmit}>
    <p class="soft">${t("run.publish_help")}</p>
    ${preview && html`<${TwoLists} lists=${preview} />`}
    ${namesakes.length > 0 && html`<${Notice} kind="low" testid="publish-namesakes">${t("run.publish_namesakes", { names: namesakes.join(", ") })}<//>`}
    ${preview?.undecided > 0 && html`<${Notice} kind="low" testid="publish-undecided">${t("run.publish_undecided", { count: preview.undecided })}<//>`}
    ${preview && !preview.changes && html`<${Notice} kind="low" testid="publish-same">${t("run.publish_same")}<//>`}
    ${lists && html`<div class="field"><label for="reason">${t("reason.label")}</label>
      <textarea id="reason" rows="3" maxlength="500" required disabled=${busy && preview !== null} value=${reason} onInput=${(event) => setReason(event.target.value)} data-testid="reason"></textarea></div>`}
    <${ErrorNotice} error=${error} />
    <div class="actions"><${Working} busy=${busy && preview !== null} /><${CloseButton}>${t("common.cancel")}<//>
      <button class="primary" disabled=${busy || !preview?.changes || (lists && !reason.trim())} data-testid="publish-confirm">${t("run.publish_ok")}</button></div></form><//>`;
}
