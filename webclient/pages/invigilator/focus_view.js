// One candidate large and with sound, and what is known about the sitting.
import { useEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";
import { decimals, t } from "../../lib/i18n.js";
import { formatClock, formatElapsed } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ChecksFound } from "./check_dialog.js";
import { LiveVideo } from "./live_video.js";
import { Log } from "./log.js";
import { standing } from "./watched_room.js";
import { Photo } from "./photo.js";
import { STANDING_ICONS, Sound } from "./tile.js";
import { SittingActs } from "./sitting_dialogs.js";

export function FocusView({ watched, sitting, onClose, onDialog }) {
  const now = useNow(1000);
  const close = useRef();
  useEffect(() => close.current.focus(), []);
  const vitals = watched.vitals.value.candidates[sitting.candidate];
  const state = standing(sitting, vitals, watched.room.value, now);
  const moment = (at) => (at ? formatClock(at) : "–");
  const { candidate } = sitting;
  const old = watched.level.value === "sound" && watched.stills.pictures.value.get(candidate);
  return html`<main class="focus" data-testid="focus" data-candidate=${candidate}>
    <div class="focus_head"><button ref=${close} class="small" onClick=${onClose} data-testid="focus-close">← ${t("focus.back")}</button>
      <h2><span class="figures">${sitting.number}</span> ${sitting.full_name}</h2>
      <span class="badge"><${Icon} name=${STANDING_ICONS[state]} size=${14} />${t(`standing.${state}`)}</span><div class="grow"></div>
      ${watched.role === "invigilator" && html`<button class="small" onClick=${() => onDialog({ kind: "message", to: [candidate] })} data-testid="focus-message"><${Icon} name="message" size=${15} />${t("focus.message")}</button>
      <button class="small danger" onClick=${() => onDialog({ kind: "flag", candidate })} data-testid="focus-flag"><${Icon} name="flag" size=${15} />${t("focus.flag")}</button>`}</div>
    ${watched.role === "invigilator" && html`<${SittingActs} watched=${watched} sitting=${sitting} onDialog=${onDialog} />`}
    <div class="focus_body"><div class="focus_picture">
        <${LiveVideo} watched=${watched} slot="focus" person=${candidate} muted=${false} label=${sitting.full_name} testid="focus-video" />
        ${old && html`<img src=${old.url} alt=${sitting.full_name} data-testid="focus-picture" />`}
        ${["offline", "absent", "no_media", "reconnecting", "left"].includes(state) && html`<span class="tile_word"><${Icon} name=${STANDING_ICONS[state]} size=${28} />${
          state === "offline" ? t("tile.offline", { time: formatElapsed(now - Date.parse(sitting.connection_changed_at)) }) : t(`standing.${state}`)}</span>`}
        ${watched.level.value === "sound" && html`<span class="tile_told" data-testid="focus-still"><${Icon} name="pause" size=${14} /><span class="figures">${old ? t("tile.still_at", { time: formatClock(old.takenAt) }) : t("tile.still")}</span></span>`}
        <${Sound} vitals=${vitals} /></div>
      <div class="focus_facts" tabindex="0" role="group" aria-label=${sitting.full_name}>${watched.role !== "supervisor" && html`<div class="focus_photos"><${Photo} watched=${watched} sitting=${sitting} subject="face" /><${Photo} watched=${watched} sitting=${sitting} subject="card" /></div>`}
      <dl class="facts"><dt>${t("focus.admitted")}</dt><dd class="figures">${moment(sitting.admitted_at)}</dd>
        <${ChecksFound} watched=${watched} sitting=${sitting} />
        ${sitting.shares_place && html`<dt>${t("tile.shares_place_short")}</dt><dd data-testid="focus-shares-place">${sitting.shares_place}</dd>`}
        <dt>${t("focus.paper_fetched")}</dt><dd class="figures">${moment(sitting.paper?.fetched_at)}</dd>
        <dt>${t("focus.paper_opened")}</dt><dd class="figures">${moment(sitting.paper?.opened_at)}</dd>
        <dt>${t("focus.saved")}</dt><dd class="figures">${moment(sitting.answer?.saved_at)} · ${t("focus.characters", { count: sitting.answer?.characters ?? 0 })}</dd>
        <dt>${t("focus.files")}</dt><dd>${(sitting.files ?? []).length}</dd>
        ${sitting.phone && html`<dt>${t("focus.phone")}</dt><dd class="figures">${t("focus.phone_since", { time: moment(sitting.phone.paired_at) })}</dd>`}
        <dt>${t("focus.submitted")}</dt><dd class="figures">${moment(sitting.submitted_at)}</dd>
        <dt>${t("focus.violations")}</dt><dd>${sitting.violations}</dd>
        <dt>${t("focus.network")}</dt><dd class="figures">${vitals ? t("focus.network_value", { kbps: Math.round(vitals.kbps), loss: decimals(vitals.loss * 100, 1) }) : "–"}</dd>
        <dt>${t("focus.device")}</dt><dd>${sitting.device ? `${sitting.device.browser}` : "–"}</dd>
        <dt>${t("focus.deadline")}</dt><dd class="figures">${moment(sitting.deadline)}${sitting.extra_minutes ? ` (+${sitting.extra_minutes}′)` : ""}</dd></dl>
      <${Log} watched=${watched} onDialog=${onDialog} candidate=${candidate} /></div></div></main>`;
}
