// Messages of the invigilators: the oldest unseen one stands over the page until it is confirmed. A dialog makes the rest of the
// page unreachable, so while one has to be answered they stand in it.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";

export function Messages({ candidate }) {
  const unseen = candidate.messages.value.filter(({ message, to }) => to !== "staff" && !candidate.seen.value.includes(message));
  const [first] = unseen;
  const [run] = useAct();
  const confirm = () => run(() => candidate.markSeen(first.message).catch(() => {})); // told again when connected
  return html`<div class="message_place" role="alert" aria-live="assertive">${first && html`
    <div class="card message" data-testid="message"><div class="row between">
        <strong class="row"><${Icon} name="message" />${t(first.to === "room" ? "message.to_room" : "message.to_you")}</strong>
        <time class="soft figures">${formatClock(first.at)}</time></div>
      <p class="message_text">${first.text}</p>
      <div class="row between"><span class="soft small_text">${unseen.length > 1 ? t("message.more", { count: unseen.length - 1 }) : ""}</span>
        <button class="primary" onClick=${confirm} data-testid="message-seen">${t("message.seen")}</button></div></div>`}</div>`;
}
