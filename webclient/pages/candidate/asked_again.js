// What an invigilator asked for again: a photograph, the camera's view, the device check. It stands over the page until
// it is done or put off, since a camera may be broken and the exam goes on under it; what was put off stays on the page.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { PHOTOS } from "./entrance.js";
import { Messages } from "./messages.js";
import { PhotoBooth } from "./photo_booth.js";
import { SelfView } from "./self_view.js";
import { askedOf } from "./stage.js";

export function AskedAgain({ candidate }) {
  const [run, busy, error] = useAct();
  const [subject, words] = askedOf(candidate);
  if (!subject) return null;
  const { entrance } = candidate;
  const messages = html`<${Messages} candidate=${candidate} />`;
  const stream = candidate.devices.value?.stream;
  const isPhoto = PHOTOS.includes(subject);
  const later = () => entrance.putOff([subject, words]);
  const actions = html`<button onClick=${later} data-testid="asked-later">${t("asked.later")}</button>
    <button disabled=${busy} onClick=${() => run(() => candidate.checkDevices())} data-testid="asked-reopen">${t("exam.reopen_devices")}</button>
    ${!isPhoto && html`<button class="primary" disabled=${busy} onClick=${() => run(() => entrance.reportDevices())} data-testid="asked-done">${t("asked.done")}</button>`}`;
  return html`<${Dialog} key=${subject} title=${t("asked.title")} uninvited onClose=${later} testid="asked-again" actions=${actions}>
    ${isPhoto ? html`<${PhotoBooth} subject=${subject} stream=${stream} words=${words} before=${entrance.shots.get(subject)}
        onTake=${(blob) => entrance.shots.set(subject, blob)} onTaken=${(blob) => entrance.sendPhoto(subject, blob)} />`
      : html`<p>${t(`asked.${subject}`)}</p>${words && html`<p data-testid="asked-words"><strong>${words}</strong></p>`}<div class="picture_box"><${SelfView} stream=${stream} /></div>`}
    <${ErrorNotice} error=${error} />${messages}<//>`;
}

/** What was asked for and put off; nothing on a page whose place another one took. */
export function AskedLater({ candidate }) {
  if (candidate.isAway) return null;
  const waiting = Object.entries(candidate.sitting.value?.asked ?? {}).filter((one) => candidate.entrance.isPutOff(one));
  return waiting.map((one) => html`<${Notice} key=${one[0]} kind="low" icon="camera" testid="asked-waits"><span>${t("asked.waits", { what: t(`${PHOTOS.includes(one[0]) ? "photo" : "asked"}.${one[0]}`) })}${one[1] && ` “${one[1]}”`}</span>
    <div><button class="small" onClick=${() => candidate.entrance.takeUp(one)} data-testid="asked-open">${t("asked.open")}</button></div><//>`);
}
