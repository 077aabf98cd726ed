// A photograph of a candidate's face or card. Each look is on the room's log (A5.4).
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";

export function Photo({ watched, sitting, subject }) {
  const photo = sitting.photos?.[subject];
  if (!photo) return html`<div class="queue_picture no_photo">${t("admit.no_photo")}</div>`;
  return html`<div class="queue_picture"><img src=${watched.photoLink(sitting.candidate, photo)} alt=${`${t(`photo.${subject}`)}: ${sitting.full_name}`} loading="lazy" data-testid=${`photo-${subject}`} /></div>`;
}
