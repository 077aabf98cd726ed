// A field for one file, as every page has it: a button in the page's language, and the name of what was chosen. The
// browser's own field speaks the browser's language.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";

/** `chosen`: the name of the file; all else goes to the input. */
export const FileChoice = ({ chosen, testid, ...input }) => html`<div class="row"><label class="button">${t("list.choose")}<input class="visually_hidden" type="file" ...${input} data-testid=${testid} /></label>
  <span data-testid=${`${testid}-chosen`}>${chosen}</span></div>`;
