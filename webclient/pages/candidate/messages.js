// Messages of the invigilators, the newest first, until they are confirmed: all that stand here with one press. In the exam
// they have a place of their own beside what is written (exam.js). A dialog makes the rest of the page unreachable, so while
// one has to be answered they stand in it.
import { useRef } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { useAct, useSettled } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";

const LOOKED_AT_MS = 700; // what has just come, maybe under the pointer, was not read

export function Messages({ candidate }) {
  const unseen = candidate.staff.messages.value.filter(({ message, to }) => to !== "staff" && !candidate.staff.seen.value.includes(message)).reverse();
  const standing = useSettled(unseen.map(({ message }) => message).join(" "), LOOKED_AT_MS).split(" ");
  const read = unseen.filter(({ message }) => standing.includes(message));
  const [run, busy] = useAct();
  const writing = useRef(null); // where the keyboard was
  const onFocusIn = ({ currentTarget, relatedTarget }) => {
    if (!currentTarget.contains(relatedTarget)) writing.current = relatedTarget;
  };
  const confirm = () => run(() => {
    const told = read.map(({ message }) => candidate.staff.markSeen(message).catch(() => {})); // told again when connected
    if (writing.current?.isConnected) writing.current.focus({ preventScroll: true });
    return Promise.all(told);
  });
  const many = unseen.length > 1;
  return html`<div class="message_place" role="alert" aria-live="assertive" aria-atomic="false" onFocusIn=${onFocusIn}>${unseen.length > 0 && html`
    <div class="card message" data-testid="message"><ol class="message_list" tabindex=${many ? "0" : null}>${unseen.map(({ message, to, at, text }) => html`<li key=${message} data-testid="message-entry">
        <div class="row between"><strong class="row"><${Icon} name="message" />${t(to === "room" ? "message.to_room" : "message.to_you")}</strong><time class="soft figures">${formatClock(at)}</time></div>
        <p class="message_text">${text}</p></li>`)}</ol>
      <div class="row between"><span class="soft small_text" data-testid="message-count">${many && t("message.count", { count: unseen.length })}</span>
        <button class="primary" disabled=${busy || read.length === 0} onClick=${confirm} data-testid="message-seen">${read.length > 1 ? t("message.seen_all", { count: read.length }) : t("message.seen")}</button></div></div>`}</div>`;
}
