// The lobby: own picture, what is being waited for, what happens next and when.
import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { formatClock, formatCountdown, formatDate, serverClock } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { PhotosKept } from "./photos_kept.js";
import { PracticeLink } from "./practice_link.js";
import { Held } from "./held.js";
import { Talk } from "./talk.js";
import { SelfView } from "./self_view.js";
import { releaseDue } from "./stage.js";
import { UseHere } from "./superseded.js";

/** What the lobby waits for: a key of the texts and what it needs. */
function waitingFor({ connection, sitting, readmission, error, bar, deadline }) {
  const lacking = connection.refusal?.code === "waiting_for_invigilator" ? connection.refusal.details.unmet ?? [] : [];
  if (lacking.length) return { key: "lobby.waiting_for_staff", details: { roles: lacking.map((role) => t(`role.${role}`)).join(", ") } }; // an invigilator may be there
  if (connection.refusal) return { key: `lobby.${connection.refusal.code}`, details: connection.refusal.details, refusal: connection.refusal };
  if (connection.state !== "connected") return { key: `lobby.${connection.state}`, details: {} };
  if (sitting?.state === "refused") return { key: "lobby.refused", details: { reason: sitting.refused } };
  if (bar) return { key: `lobby.${bar}`, details: { time: formatClock(deadline) } };
  if (readmission) return { key: "lobby.readmission", details: {} };
  if (error?.code === "too_late") return { key: "lobby.too_late", details: {} };
  return { key: sitting?.state === "waiting" ? "lobby.waiting" : "lobby.entering", details: {} };
}

export function Lobby({ candidate }) {
  const now = useNow(1000);
  const connection = candidate.connection.value;
  const sitting = candidate.sitting.value;
  const room = candidate.room.value;
  const times = room?.times;
  const due = room && releaseDue(room);
  const bar = candidate.barredAt(now);
  const { key, details, refusal } = waitingFor({
    connection, sitting, readmission: candidate.readmission.value, error: candidate.error.value, bar, deadline: times && candidate.deadline,
  });
  const opensAt = details.opens_at ? formatClock(details.opens_at) : "";
  const text = t(key, { ...details, opens_at: opensAt });
  const dim = candidate.entrance.dim.value;
  const referred = sitting?.referred;
  const offUnsaid = bar === "called_off" && key !== "lobby.called_off";
  const before = connection.state === "connected" && candidate.readmission.value && sitting.pending.declined; // this device asked once already
  const { isAway } = candidate;
  return html`<section class="card lobby" aria-labelledby="lobby_title">
    <div class="picture_box">${isAway || !candidate.devices.value ? html`<div class="no_picture"><${Icon} name="camera" size=${40} /><span>${t(isAway ? "lobby.camera_off" : "check.no_picture")}</span></div>`
      : html`<${SelfView} stream=${candidate.devices.value?.stream} />`}</div>
    <div class="stack loose">
      <h1 id="lobby_title">${t("lobby.title")}</h1>
      <p class="lobby_state" role="status" data-testid="lobby-state" data-state=${sitting?.state ?? "none"} data-connection=${connection.state}>
        <${Icon} name=${isAway || ["called_off", "work_over"].includes(bar) ? "info" : ["connected", "waiting"].includes(connection.state) ? "clock" : "network"} size=${22} />${text === key ? errorText(refusal) : text}</p>
      ${connection.state === "superseded" && html`<${UseHere} candidate=${candidate} />`}
      ${connection.state === "declined" && html`<${UseHere} candidate=${candidate} verb=${t("lobby.ask_again")} />`}
      ${before && html`<p class="soft" data-testid="declined-before">${t("lobby.declined_before", { time: formatClock(before.at), reason: before.reason })}</p>`}
      ${Object.keys(candidate.entrance.photos.value).length > 0 && sitting?.state !== "waiting" && html`<${PhotosKept} candidate=${candidate} />`}
      <${Held} candidate=${candidate} />
      ${(referred || offUnsaid) && html`<${Notice} kind="technical" live testid="referred">${offUnsaid && html`<strong>${t("exam.called_off")}</strong>`}${referred && html`<span>${t(`exam.referred_${referred}`)}</span>`}<//>`}
      ${(dim?.dark || dim?.blurred) && html`<${Notice} kind="low" testid="dim">${t(dim.dark ? "lobby.dark" : "lobby.blurred")}<//>`}
      ${room?.delay && !room.released_at && !room.called_off && html`<${Notice} kind="low" live testid="delayed">${t("exam.delayed", { time: formatClock(room.delay.until), reason: room.delay.reason })}<//>`}
      ${times && html`<dl class="facts">
        <dt>${t("times.date")}</dt><dd>${formatDate(times.starts_at)}</dd>
        <dt>${t("times.starts_at")}</dt><dd class="figures">${formatClock(times.starts_at)}</dd>
        <dt>${t("times.release_at")}</dt><dd class="figures">${formatClock(due)}${serverClock.known && due > now
          && html` <span class="soft">(${t("lobby.in", { time: formatCountdown(due - now) })})</span>`}</dd>
        <dt>${t("times.submit_by")}</dt><dd class="figures">${formatClock(candidate.deadline)}</dd></dl>`}
      ${candidate.shifted.value && html`<${Notice} kind="low" icon="clock" live testid="shifted">${t("exam.shifted", { release: formatClock(due), time: formatClock(candidate.deadline) })}<//>`}
      ${sitting?.extra_minutes > 0 && html`<${Notice} kind="ok" icon="clock" testid="extra-time">${t("exam.extra_time", { minutes: sitting.extra_minutes, time: formatClock(candidate.deadline) })}<//>`}
      ${["waiting", "refused"].includes(sitting?.state) && !isAway && html`<${Talk} candidate=${candidate} />`}
      ${connection.state === "waiting" && html`<${PracticeLink} />`}
      ${!isAway && !bar && html`<div data-testid="lobby-next"><h3>${t("lobby.next_title")}</h3><ol class="next">${(room?.released_at ? [1, 4] : [1, 2, 3, 4]).map((step) => html`<li>${t(`lobby.next_${step}`)}</li>`)}</ol></div>`}
    </div></section>`;
}
