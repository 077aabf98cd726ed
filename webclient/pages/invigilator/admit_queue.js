// The lobby as the invigilator sees it: who waits, with the live face beside the photograph of the card; admit one or all. Who asks to go on at another
// device stands here too, with the new face, while the wall shows the old one; they are admitted one by one.
import { html } from "../../lib/html.js";
import { refusalText, t } from "../../lib/i18n.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { NoMicrophone, deviceWords } from "./device_words.js";
import { DeclinedBefore } from "./decline_dialog.js";
import { LiveVideo } from "./live_video.js";
import { Photo } from "./photo.js";
import { deviceInQueue, pictureInQueue } from "./watched_room.js";

export function AdmitQueue({ watched, waiting, onAdmit, onDecline }) {
  const { paper, released_at: releasedAt, refuses, hold, out_of_time: late } = watched.room.value;
  // Why nobody, or not this one, can be admitted any more: the server would refuse.
  const refused = ({ candidate }) => refusalText(refuses.admit) ?? (late.includes(candidate) && t(hold ? "queue.waits_office" : "queue.out_of_time"));
  // "All" are those nobody decided on: whom an invigilator refused is admitted alone, by who has read why.
  const coming = waiting.filter((one) => one.state === "waiting" && !one.readmission && !refused(one)).map((one) => one.candidate);
  const declined = waiting.filter((one) => one.state === "refused").length;
  return html`<aside class="queue" aria-label=${t("queue.title")}>
    <div class="row between"><h2>${t("queue.title")} <span class="figures" data-testid="queue-count">${waiting.length - declined}</span></h2>
      ${coming.length > 1 && html`<button class="small" onClick=${() => onAdmit(coming)} data-testid="admit-all">${t("queue.admit_all")}</button>`}</div>
    ${!paper && !releasedAt && html`<${Notice} kind="low">${t("queue.no_paper")}<//>`}
    <p class="visually_hidden" role="status">${t("queue.count", { count: waiting.length - declined })}</p>
    ${declined > 0 && html`<p class="soft small_text" data-testid="queue-refused">${t("queue.count_refused", { count: declined })}</p>`}
    ${waiting.length === 0 && html`<p class="soft small_text">${t("queue.none")}</p>`}
    <ul>${waiting.map((sitting) => {
      const person = pictureInQueue(sitting);
      const slot = watched.seats.value.get(person);
      return html`<li key=${sitting.candidate} data-testid="queue-entry" data-candidate=${sitting.candidate} data-readmission=${sitting.readmission}>
        <div class="queue_faces"><div class="queue_picture"><${LiveVideo} watched=${watched} slot=${slot} person=${person} label=${`${t("admit.live")}: ${sitting.full_name}`} testid="queue-video" /></div>
          <${Photo} watched=${watched} sitting=${sitting} subject=${sitting.photos?.card ? "card" : "face"} /></div>
        <div class="queue_text"><strong>${sitting.number}</strong> ${sitting.full_name}
          ${sitting.readmission && html`<span class="badge low"><${Icon} name="warning" size=${13} />${t("queue.readmission")}</span>
            <span class="soft small_text">${t(sitting.connected ? "queue.readmission_beside" : "queue.readmission_alone")}</span><${DeclinedBefore} watched=${watched} sitting=${sitting} />`}
          ${sitting.refused && html`<span class="wrong small_text"><${Icon} name="wrong" size=${13} /> ${t("queue.refused", { reason: sitting.refused })}</span>`}
          ${!sitting.connected && !sitting.readmission && html`<span class="badge technical"><${Icon} name="offline" size=${13} />${t("standing.offline")}</span>`}
          <${NoMicrophone} device=${deviceInQueue(sitting)} />
          ${deviceInQueue(sitting) && html`<span class="soft small_text">${deviceWords(deviceInQueue(sitting))}</span>`}</div>
        ${refused(sitting) ? html`<p class="soft small_text" data-testid="admit-not">${refused(sitting)}</p>`
          : html`<button class="primary small" onClick=${() => onAdmit([sitting.candidate])} data-testid="admit" data-candidate=${sitting.candidate}>${t(sitting.readmission ? "queue.admit_again" : "queue.admit")}</button>`}
        ${sitting.readmission && html`<button class="small" onClick=${() => onDecline(sitting.candidate)} data-testid="decline" data-candidate=${sitting.candidate}>${t("decline.verb")}…</button>`}</li>`;
    })}</ul></aside>`;
}
