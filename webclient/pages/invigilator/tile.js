// One candidate on the wall. The border says how the person stands, always with an icon and words. What is read out is
// the foot: number, name, and how the person stands; not the seconds, which would be read out again and again.
import { useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";
import { decimals, t } from "../../lib/i18n.js";
import { formatClock, formatElapsed } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { onPictures, useOwnPicture } from "./live_video.js";
import { standStill, standing } from "./watched_room.js";

export const STANDING_ICONS = {
  live: "ok", no_media: "camera", offline: "offline", absent: "person", submitted: "paper", waiting: "clock", flagged: "flag",
  suspended: "hold", refused: "wrong", reconnecting: "network", left: "paper",
  over: "lock", held: "pause", referred: "folder",
};
const TOLD = ["waiting", "over", "held", "referred"]; // in words beside the picture, which goes on
const LOSSY = [0.02, 0.08]; // fraction of packets lost from which one bar, two bars are missing
const SAVE_LATE_MS = 60_000;
const STILL_EVERY_MS = 5000;

// The slot's picture. A still is kept under it every few seconds and when the person leaves, since the slot moves on
// to somebody else, or ends with the connection, and the tile goes on showing who was there.
function TilePicture({ watched, slot, person, live, isOld, label }) {
  const [video, own] = useOwnPicture(watched, slot, person);
  const still = useRef();
  useLayoutEffect(() => {
    const element = video.current;
    if (!own || !live) return undefined;
    const stream = element.srcObject;
    const keep = () => {
      if (!still.current || element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || document.hidden) return;
      Object.assign(still.current, { width: element.videoWidth, height: element.videoHeight });
      still.current.getContext("2d").drawImage(element, 0, 0);
    };
    const timer = setInterval(keep, STILL_EVERY_MS);
    return () => {
      clearInterval(timer);
      if (stream?.active && element.srcObject === stream) keep(); // the wall may have lost its streams before this tile had any
    };
  }, [own, live, slot]); // the slot: a still is kept before the element lets go of it
  const picture = live ? watched.stills.pictures.value.get(person) : null;
  const moves = Boolean(picture) && !isOld;
  useLayoutEffect(() => (moves ? onPictures(video.current, () => watched.stills.drop(person) || true) : undefined), [moves, person]);
  return html`<canvas ref=${still} aria-hidden="true" class="tile_still"></canvas>
    <video ref=${video} autoplay playsinline muted aria-label=${label}
      data-person=${own ? person : null} class=${own ? (live ? "" : "away") : "covered"}></video>
    ${picture && html`<img src=${picture.url} alt=${label} data-testid="tile-picture" />`}`;
}

// Three bars of the network, as the server sees what arrives.
function Network({ loss }) {
  const bars = 3 - LOSSY.filter((limit) => loss >= limit).length;
  const word = t("tile.network", { loss: decimals(loss * 100, 1) });
  return html`<span class="tile_network" title=${word} data-bars=${bars}>${[1, 2, 3].map((bar) => html`<i class=${bar > bars ? "off" : ""}></i>`)}</span>`;
}

/** The level of the sound; in words where none arrives although the picture does. */
export function Sound({ vitals }) {
  if (vitals?.media === "connected" && vitals.sound === false) {
    return html`<span class="tile_silent" title=${t("tile.no_sound")} data-testid="no-sound"><${Icon} name="microphone_off" size=${13} />${t("tile.no_sound_short")}</span>`;
  }
  return html`<meter class="tile_level" min="0" max="1" value=${vitals?.level ?? 0} aria-label=${t("tile.level")}></meter>`;
}

// Vietnamese names are told apart by the last word, which stands whole wherever it fits; what there is no place for is left
// out before it, word by word: they are put down from the last one, and those that do not fit are in lines that are not
// shown. The whole name is read out, and stands in a tooltip.
const Name = ({ full }) => html`<span class="tile_name" title=${full}>${full.trim().split(/\s+/).map((word, index, all) => (
  html`<span style=${{ order: -index }}>${word}${index < all.length - 1 && " "}</span>`))}</span>`;

/** `messages`: how many of this candidate's nobody answered. */
export function Tile({ watched, sitting, now, messages = 0, selected, onSelect, onOpen }) {
  const vitals = watched.vitals.value.candidates[sitting.candidate];
  const state = standing(sitting, vitals, watched.room.value, now);
  const slot = watched.seats.value.get(sitting.candidate);
  const live = sitting.connected && ["live", "submitted", ...TOLD].includes(state);
  const name = `${sitting.number} ${sitting.full_name}`;
  const mayWrite = Math.min(now, Date.parse(sitting.deadline)); // nothing is saved after the deadline, and nothing has to be
  const savedAgo = sitting.answer?.saved_at ? mayWrite - Date.parse(sitting.answer.saved_at) : null;
  const writing = Boolean(watched.room.value.released_at) && sitting.state === "admitted";
  const word = state === "offline" ? t("tile.offline", { time: formatElapsed(now - Date.parse(sitting.connection_changed_at)) }) : t(`standing.${state}`);
  const isOld = live && standStill(watched.level.value);
  const takenAt = watched.stills.pictures.value.get(sitting.candidate)?.takenAt;
  const ofWhen = live && ((takenAt && t("tile.still_at", { time: formatClock(takenAt) })) || (isOld && t("tile.still")));
  const late = savedAgo === null || savedAgo > SAVE_LATE_MS;
  const spoken = [word, ofWhen, live && vitals?.media === "connected" && vitals.sound === false && t("tile.no_sound"), sitting.readmission && t("queue.readmission_short"), sitting.violations > 0 && t("tile.violations", { count: sitting.violations }), messages > 0 && t("tile.messages", { count: messages }),
    sitting.shares_place && t("tile.shares_place", { place: sitting.shares_place })]
    .filter(Boolean).join(", ");
  return html`<button class="tile ${state}" data-testid="tile" data-candidate=${sitting.candidate} data-state=${state} data-slot=${slot}
    aria-current=${selected ? "true" : null} onFocus=${() => onSelect(sitting.candidate)} onClick=${() => onOpen(sitting.candidate)}>
    <span class="tile_picture" aria-hidden="true"><${TilePicture} watched=${watched} slot=${slot} person=${sitting.candidate} live=${live} isOld=${isOld} label=${name} />
      ${!live && html`<span class="tile_word"><${Icon} name=${STANDING_ICONS[state]} size=${20} />${word}</span>`}
      <span class="tile_corner">${ofWhen && html`<span class="tile_told" data-testid="tile-still"><${Icon} name="pause" size=${12} /><span class="figures">${ofWhen}</span></span>`}${live && TOLD.includes(state) && html`<span class=${state === "waiting" ? "tile_other" : "tile_told"}><${Icon} name=${STANDING_ICONS[state]} size=${12} /><span>${word}</span></span>`}${sitting.shares_place && html`<span class="tile_other" title=${t("tile.shares_place", { place: sitting.shares_place })} data-testid="tile-shares-place"><${Icon} name="person" size=${12} />${t("tile.shares_place_short")}</span>`}${sitting.hand_raised_at && html`<span class="tile_other"><${Icon} name="hand" size=${12} />${t("attention.hand")}</span>`}
        ${messages > 0 && html`<span class="tile_other" title=${t("tile.messages", { count: messages })} data-testid="tile-messages"><${Icon} name="message" size=${12} />${messages}</span>`}${sitting.absent_since && html`<span class="tile_other"><${Icon} name="person" size=${12} />${formatElapsed(now - Date.parse(sitting.absent_since))}</span>`}${sitting.readmission && html`<span class="tile_other"><${Icon} name="warning" size=${12} />${t("queue.readmission_short")}</span>`}
        ${sitting.violations > 0 && html`<span class="tile_flag"><${Icon} name="flag" size=${12} />${sitting.violations}</span>`}
        ${vitals?.recorded && html`<span class="tile_record" title=${t("exam.recording")} data-testid="tile-recorded"><${Icon} name="record" size=${14} /></span>`}</span>
      <${Sound} vitals=${vitals} /></span>
    <span class="tile_foot"><${Icon} name=${STANDING_ICONS[state]} size=${13} /><b class="figures">${sitting.number}</b><${Name} full=${sitting.full_name} /><span class="visually_hidden">, ${spoken}</span>
      ${((state === "live" && vitals) || writing) && html`<span class="tile_edge">${state === "live" && vitals && html`<${Network} loss=${vitals.loss} />`}
        ${writing && html`<span class="tile_save figures ${late ? "late" : ""}" title=${t("tile.saved")} aria-hidden="true">
          <${Icon} name=${late ? "warning" : "paper"} size=${12} />${savedAgo === null ? "–" : formatElapsed(savedAgo)}</span>
          ${now <= Date.parse(sitting.deadline) && html`<span class="figures small_text" title=${t("tile.left")} aria-hidden="true" data-testid="tile-left">${Math.ceil((Date.parse(sitting.deadline) - now) / 60_000)}′</span>`}`}</span>`}</span></button>`;
}
