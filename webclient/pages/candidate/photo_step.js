// Before the lobby: the face, then the card, one after the other.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { PHOTOS } from "./entrance.js";
import { PhotoBooth } from "./photo_booth.js";
import { PhotosKept } from "./photos_kept.js";

export function PhotoStep({ candidate }) {
  const next = PHOTOS.find((subject) => !candidate.entrance.photographed(subject));
  return html`<section class="card stack loose" aria-labelledby="photos_title">
    <div><h1 id="photos_title">${t("photo.title")}</h1><p class="soft">${t("photo.help")}</p></div>
    <${PhotosKept} candidate=${candidate} />
    <${PhotoBooth} key=${next} subject=${next} stream=${candidate.devices.value?.stream} onTaken=${(blob) => candidate.entrance.keepPhoto(next, blob)} />
  </section>`;
}
