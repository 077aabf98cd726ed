// While the network is away on the way in: what becomes of the photographs.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Notice } from "../shared/notice.js";

export function PhotosKept({ candidate }) {
  return ["lost", "joining"].includes(candidate.connection.value.state)
    && html`<${Notice} icon="offline" live testid="photos-kept">${t("photo.kept")}<//>`;
}
