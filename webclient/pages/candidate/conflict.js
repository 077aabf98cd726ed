// Two different texts of the same candidate: both side by side, the candidate chooses, the other is set aside.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";

export function Conflict({ candidate }) {
  const { mine, theirs, offered } = candidate.work.answer.value.conflict;
  return html`<${Dialog} title=${t("conflict.title")} wide uninvited testid="conflict"><p>${t(offered ? "conflict.offered_help" : "conflict.help")}</p>
    <div class="conflict">${[["mine", mine], ["theirs", theirs]].map(([which, text]) => html`
      <section class="stack"><h3>${t(`conflict.${which === "theirs" && offered ? "offered" : which}`)}</h3>
        <span class="small_text soft">${t("conflict.characters", { count: [...text].length })}</span>
        <pre class="kept_text" tabindex="0">${text}</pre>
        <button class="primary" onClick=${() => candidate.work.answers.choose(which)} data-testid=${`conflict-${which}`}>${t("conflict.keep")}</button>
      </section>`)}</div><//>`;
}
