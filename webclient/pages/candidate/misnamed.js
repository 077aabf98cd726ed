// That a file holds something else than its name says: in the list of files, and once more before handing in.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { isMisnamed } from "../../lib/photos.js";

/** `looks`: the type of what the file holds, as the server found it. Nothing where the name agrees with it. */
export function Misnamed({ name, looks }) {
  return isMisnamed(name, looks) && html`<span class="wrong" role="alert" data-testid="file-misnamed">${t("files.misnamed", { what: t(`files.kind_${looks.split("/")[1] || "unknown"}`) })}</span>`;
}
