// A chosen file has the name of one that is there: whether it takes its place or stands beside it. Beside it loses nothing,
// so that is what every way out of the question means but one.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";

const nameOf = ({ name }) => name.normalize("NFC");

/** Those of `files` that have this one's name. */
export const namesakes = (one, files) => files.filter((other) => nameOf(other) === nameOf(one));

export function SameName({ names, onReplace, onBoth }) {
  const actions = html`<button class="danger" onClick=${onReplace} data-testid="same-name-replace">${t("files.same_replace")}</button>
    <button class="primary" autofocus onClick=${onBoth} data-testid="same-name-both">${t("files.same_both")}</button>`;
  return html`<${Dialog} title=${t("files.same_title")} onClose=${onBoth} actions=${actions} testid="same-name">
    <ul>${names.map((name) => html`<li key=${name} class="message_text"><strong>${name}</strong></li>`)}</ul><p>${t("files.same_help")}</p><//>`;
}
