// Admit many: one row for each who waits, with the live face beside the photographs of face and card, and the checks of
// that one. A box in the heading states a check for all rows; whoever does not match is unticked, and left out.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { NoMicrophone } from "./device_words.js";
import { LiveVideo } from "./live_video.js";
import { Photo } from "./photo.js";
import { deviceInQueue, pictureInQueue } from "./watched_room.js";

/** `people`: also one whom somebody refused since the dialog was opened, with the reason, and not among the `chosen`;
 *  `stated`: candidate -> check -> whether the invigilator states it here; `passed(sitting, check)` counts earlier ones too; `chosen` will be admitted. */
export function AdmitMany({ watched, people, chosen, checks, needed, stated, passed, onState }) {
  const set = (whom, check, on) => onState({
    ...stated, ...Object.fromEntries(whom.map(({ candidate }) => [candidate, { ...stated[candidate], [check]: on }])),
  });
  return html`<div class="admit_all" role="group" aria-label=${t("admit.for_all")}><span class="soft small_text">${t("admit.for_all")}</span>${checks.map((check) => html`<label class="check">
      <input type="checkbox" checked=${people.every((one) => passed(one, check))} onChange=${(event) => set(people, check, event.target.checked)} data-testid=${`check-${check}`} />
      <span>${t(`admit.short_${check}`)}${needed.includes(check) ? "" : ` (${t("admit.not_required")})`}</span></label>`)}</div>
    <ul class="admit_rows" tabindex="0" aria-label=${t("queue.title")}>${people.map((sitting) => {
      const person = pictureInQueue(sitting);
      const name = `${sitting.number} ${sitting.full_name}`;
      return html`<li key=${sitting.candidate} class=${chosen.includes(sitting) ? "chosen" : ""} data-testid="admit-row" data-candidate=${sitting.candidate} data-chosen=${chosen.includes(sitting)}>
        <div class="admit_row_faces"><div class="queue_picture"><${LiveVideo} watched=${watched} slot=${watched.seats.value.get(person)} person=${person} label=${`${t("admit.live")}: ${name}`} testid="row-video" /></div>
          ${["face", "card"].map((subject) => html`<${Photo} key=${subject} watched=${watched} sitting=${sitting} subject=${subject} />`)}</div>
        <div class="stack tight"><span><b class="figures">${sitting.number}</b> ${sitting.full_name}</span><${NoMicrophone} device=${deviceInQueue(sitting)} />
          ${sitting.state === "refused" && html`<span class="wrong small_text" data-testid="row-refused">${t("queue.refused", { reason: sitting.refused })}</span>`}
          ${checks.filter((check) => sitting.checks[check]?.passed === false).map((check) => html`<span key=${check} class="small_text" data-testid="row-failed"><span class="badge high">${t("recheck.failed")}</span> ${t(`recheck.${check}`)}: ${sitting.checks[check].reason}</span>`)}</div>
        <div class="admit_row_checks" role="group" aria-label=${name}>${checks.map((check) => html`<label class="check small_text"><input type="checkbox" checked=${passed(sitting, check)}
          onChange=${(event) => set([sitting], check, event.target.checked)} data-testid=${`row-${check}`} /><span>${t(`admit.short_${check}`)}</span></label>`)}</div></li>`;
    })}</ul>`;
}
