// Before a file is sent that staff may not be able to open: say so, and let the candidate choose. Nothing is refused, since
// no rule of an exam names the types of files, and a name proves nothing.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";

const USUAL = new Set(`pdf doc docx odt rtf txt md tex xls xlsx ods csv ppt pptx odp jpg jpeg png gif webp heic heif avif bmp tif tiff svg
  mp3 m4a wav mp4 mov webm zip rar 7z py c h cpp java js ts html css sql ipynb r m`.split(/\s+/));

/** Whether a file's name has an ending that no answer usually has, or none. */
export function isUnusual(name) {
  const [, ending = ""] = /\.([^.]+)$/.exec(name.toLowerCase()) ?? [];
  return !USUAL.has(ending);
}

export function UnusualFiles({ names, onSend, onDiscard }) {
  const actions = html`<button onClick=${onSend} data-testid="unusual-send">${t("files.unusual_send")}</button>
    <button class="primary" autofocus onClick=${onDiscard} data-testid="unusual-discard">${t("files.unusual_discard")}</button>`;
  return html`<${Dialog} title=${t("files.unusual_title")} onClose=${onDiscard} actions=${actions} testid="unusual-files">
    <p>${t("files.unusual")}</p><ul>${names.map((name) => html`<li key=${name} class="message_text"><strong>${name}</strong></li>`)}</ul><//>`;
}
