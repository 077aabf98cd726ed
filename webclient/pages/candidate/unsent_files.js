// Files that did not get to the server before another device took the place. Nothing sends them from there any more, and the device
// that goes on does not have them: both are told, so that they are not missed only once the work is handed in.
import { html } from "../../lib/html.js";
import { fileSize, t } from "../../lib/i18n.js";
import { Notice } from "../shared/notice.js";

const Names = ({ files }) => html`<ul>${files.map(({ id, file, name, bytes }) => html`<li key=${id ?? file}>${name} <span class="soft">(${fileSize(bytes)})</span></li>`)}</ul>`;

/** At the page that had to stop: it sends nothing any more. */
export function StoppedHere({ candidate }) {
  const files = candidate.isAway ? candidate.work.pending.value : [];
  return files.length > 0 && html`<${Notice} kind="low" live testid="files-stopped"><span>${t("files.stopped_help", { count: files.length })}</span><${Names} files=${files} /><//>`;
}

/** At a page whose place another device asks for: what would not go with it. */
export function LeftBehind({ candidate }) {
  const count = candidate.work.pending.value.length;
  return count > 0 && html`<span data-testid="files-left-behind"> ${t("files.left_behind", { count })}</span>`;
}

/** At the device that goes on; `words` say what that means where it is said. */
export function BegunElsewhere({ candidate, words }) {
  const files = candidate.begunElsewhere ?? [];
  return files.length > 0 && html`<${Notice} kind="low" live testid="begun-elsewhere"><span>${t(words, { count: files.length })}</span><${Names} files=${files} /><//>`;
}
