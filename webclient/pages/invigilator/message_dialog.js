// A message to one candidate or to the whole room, from a prepared sentence or free.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";

const PREPARED = { room: ["rules", "submission", "fifteen", "five"], one: ["face", "light", "sound", "alone"] };

export function MessageDialog({ watched, to, answers = "", onClose }) {
  const [text, setText] = useState("");
  const [run, busy, error] = useAct();
  const close = useClose(onClose);
  const [person] = useState(() => (to === "room" ? null : watched.sittings.value.get(to[0]))); // as it was: the title must not change to the whole room
  // Whether a message that nobody called an answer is one: what is not marked so stays open, which is seen, and can be mended.
  const [asked] = useState(() => (person && !answers ? openQuestion(watched.messages.value, person.candidate) : null));
  const [answering, setAnswering] = useState(false);
  const send = () => run(async () => {
    await watched.sendMessage(to, text.trim(), answering ? asked.message : answers);
    close();
  });
  const about = answers || asked?.message;
  const question = about && watched.messages.value.find(({ message }) => message === about);
  const given = about ? watched.messages.value.filter((one) => one.answers === about) : []; // somebody else may be quicker
  const nameOf = (subject) => watched.staff.value.find((one) => one.subject === subject)?.full_name ?? subject;
  const actions = html`<${CloseButton}>${t("common.cancel")}<//>
    <button class="primary" disabled=${busy || !text.trim()} onClick=${send} data-testid="message-send">${t("message.send")}</button>`;
  return html`<${ActDialog} busy=${busy} title=${person ? t("message.title_one", { name: `${person.number} ${person.full_name}` }) : t("message.title_room")} onClose=${onClose} actions=${actions} testid="message-dialog">
    ${question && html`<blockquote class="message_text">${question.text}</blockquote>`}
    ${given.map((one) => html`<${Notice} key=${one.message} kind="low" live testid="message-answered">${t("message.answered", { name: nameOf(one.from), time: formatClock(one.at), text: one.text })}<//>`)}
    <div class="row">${PREPARED[person ? "one" : "room"].map((key) => html`<button class="small" onClick=${() => setText(t(`prepared.${key}`))} data-testid=${`prepared-${key}`}>${t(`prepared.${key}_short`)}</button>`)}</div>
    <div class="field"><label for="message_text">${t("message.text")}</label>
      <textarea id="message_text" rows="4" maxlength="1000" value=${text} onInput=${(event) => setText(event.target.value)} autofocus data-testid="message-text"></textarea></div>
    ${asked && html`<label class="check"><input type="checkbox" checked=${answering} onChange=${(event) => setAnswering(event.target.checked)} data-testid="message-answers" /><span>${t("message.answers")}</span></label>`}
    <${ErrorNotice} error=${error} /><//>`;
}

/** The newest message of a candidate that nobody answered; `messages` are newest first. */
function openQuestion(messages, candidate) {
  const answered = new Set(messages.map(({ answers }) => answers));
  return messages.find(({ message, from, to }) => to === "staff" && from === candidate && !answered.has(message));
}
