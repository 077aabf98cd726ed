// Talk with the staff of the room: raise a hand, write, read what was answered. Other candidates see nothing of it.
// What was begun stays for the next opening, also when an admission or a message takes the dialog away.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";

/** Without `hand` for who is not in the lobby yet: nobody sees a picture to come to. */
export function Talk({ candidate, hand: mayRaise = true }) {
  const [open, setOpen] = useState(false);
  const [run, busy, error] = useAct();
  const raised = candidate.sitting.value?.hand_raised_at;
  const connected = candidate.connection.value.state === "connected";
  const hand = () => run(() => candidate.staff.hand(!raised));
  return html`<div class="row talk">
    ${mayRaise && html`<button class="small" aria-pressed=${Boolean(raised)} disabled=${busy || !connected} onClick=${hand} data-testid="hand">
      <${Icon} name="hand" size=${15} />${t(raised ? "talk.hand_down" : "talk.hand_up")}</button>`}
    <button class="small" onClick=${() => setOpen(true)} data-testid="talk-open"><${Icon} name="message" size=${15} />${t(candidate.staff.unsent.value.trim() ? "talk.open_unsent" : "talk.open")}</button>
    ${error && html`<span class="visually_hidden" role="alert">${t("talk.failed")}</span>`}
    ${open && html`<${Thread} candidate=${candidate} onClose=${() => setOpen(false)} />`}</div>`;
}

function Thread({ candidate, onClose }) {
  const { value: text } = candidate.staff.unsent;
  const [run, busy, error] = useAct();
  const send = (event) => {
    event.preventDefault();
    void run(async () => {
      await candidate.staff.write(text.trim());
      candidate.staff.unsent.value = "";
    });
  };
  const messages = candidate.staff.messages.value;
  useEffect(() => { // what stands here is read; it need not stand over the page as well
    for (const { message } of messages.filter((one) => one.to !== "staff" && !candidate.staff.seen.value.includes(one.message))) candidate.staff.markSeen(message).catch(() => {});
  }, [messages]);
  return html`<${Dialog} title=${t("talk.title")} onClose=${onClose} keeps testid="talk">
    <ol class="thread" aria-live="polite">${messages.map((one) => html`<li key=${one.message} class=${one.to === "staff" ? "own" : ""}>
      <span class="soft small_text">${t(one.to === "staff" ? "talk.you" : one.to === "room" ? "talk.to_all" : "talk.staff")} · <time class="figures">${formatClock(one.at)}</time></span>
      <p>${one.text}</p></li>`)}</ol>
    ${messages.length === 0 && html`<p class="soft">${t("talk.none")}</p>`}
    <form class="stack" onSubmit=${send}><div class="field"><label for="talk_text">${t("talk.text")}</label>
      <textarea id="talk_text" rows="3" maxlength="1000" value=${text} onInput=${(event) => { candidate.staff.unsent.value = event.target.value; }} data-testid="talk-text"></textarea></div>
      <${ErrorNotice} error=${error} />
      <div class="actions"><button type="button" onClick=${onClose}>${t("common.close")}</button>
        <button class="primary" disabled=${busy || !text.trim()} data-testid="talk-send">${t("message.send")}</button></div></form><//>`;
}
