// Messages sent and violations noted in this room, newest first.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";

export function Log({ watched }) {
  const nameOf = (candidate) => {
    const sitting = watched.sittings.value.get(candidate);
    return sitting ? `${sitting.number} ${sitting.full_name}` : candidate;
  };
  const entries = [
    ...watched.messages.value.map((one) => ({ id: one.message, at: one.at, icon: "message", text: one.text,
      head: one.to === "room" ? t("log.to_room") : t("log.to", { name: one.to.map(nameOf).join(", ") }) })),
    ...watched.violations.value.map((one) => ({ id: one.violation, at: one.at, icon: "flag", text: one.text,
      head: `${nameOf(one.candidate)} · ${t(`violation.${one.category}`)}` })),
  ].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return html`<aside class="log" aria-label=${t("bar.log")} data-testid="log"><h2>${t("bar.log")}</h2>
    ${entries.length === 0 && html`<p class="soft small_text">${t("log.none")}</p>`}
    <ol>${entries.map(({ id, at, icon, head, text }) => html`<li key=${id}><${Icon} name=${icon} size=${15} />
      <div><strong class="small_text">${head}</strong><p>${text}</p><time class="soft small_text figures">${formatClock(at)}</time></div></li>`)}</ol></aside>`;
}
