// What an invigilator asked for again: a photograph, the camera's view, the device check. It stands over the page until
// it is done; the exam goes on under it.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { PHOTOS } from "./entrance.js";
import { Messages } from "./messages.js";
import { PhotoBooth } from "./photo_booth.js";
import { SelfView } from "./self_view.js";
import { askedOf } from "./stage.js";

export function AskedAgain({ candidate }) {
  const [run, busy, error] = useAct();
  const [subject, words] = askedOf(candidate);
  if (!subject) return null;
  const messages = html`<${Messages} candidate=${candidate} />`;
  const stream = candidate.devices.value?.stream;
  if (PHOTOS.includes(subject)) {
    return html`<${Dialog} key=${subject} title=${t("asked.title")} testid="asked-again">
      <${PhotoBooth} subject=${subject} stream=${stream} words=${words} onTaken=${(blob) => candidate.entrance.sendPhoto(subject, blob)} />${messages}<//>`;
  }
  const actions = html`<button disabled=${busy} onClick=${() => run(() => candidate.checkDevices())}>${t("exam.reopen_devices")}</button>
    <button class="primary" disabled=${busy} onClick=${() => run(() => candidate.entrance.reportDevices())} data-testid="asked-done">${t("asked.done")}</button>`;
  return html`<${Dialog} key=${subject} title=${t("asked.title")} testid="asked-again" actions=${actions}>
    <p>${words || t(`asked.${subject}`)}</p><div class="picture_box"><${SelfView} stream=${stream} /></div><${ErrorNotice} error=${error} />${messages}<//>`;
}
