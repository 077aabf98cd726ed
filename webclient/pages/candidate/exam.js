// The exam itself: paper beside the answer on a wide screen, one at a time on a narrow one.
import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { formatClock, formatCountdown, serverClock } from "../../lib/time.js";
import { useAct, useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { LanguageSwitch } from "../shared/top_bar.js";
import { ClosingLists } from "./closing_lists.js";
import { AnswerEditor } from "./answer_editor.js";
import { AskedElsewhere } from "./asked_elsewhere.js";
import { AskedLater } from "./asked_again.js";
import { Conflict } from "./conflict.js";
import { FileList } from "./file_list.js";
import { LateText } from "./late_text.js";
import { MaterialList } from "./materials.js";
import { Handwriting } from "./handwriting.js";
import { Held } from "./held.js";
import { LastMinutes } from "./last_minutes.js";
import { PaperView } from "./paper_view.js";
import { SelfView } from "./self_view.js";
import { releaseDue } from "./stage.js";
import { Stay } from "./stay.js";
import { Submit } from "./submit.js";
import { Superseded } from "./superseded.js";
import { Talk } from "./talk.js";
import { BegunElsewhere, StoppedHere } from "./unsent_files.js";

const SOON_MS = 5 * 60 * 1000;
const TABS = ["paper", "answer", "files"];

/** `messages`: those of the staff, unless they have to stand elsewhere. */
export function Exam({ candidate, messages }) {
  const tab = candidate.tab.value;
  return html`<div class="exam" data-stage="exam" data-testid="stage" data-tab=${tab}>
    <${Header} candidate=${candidate} />
    <${LastMinutes} candidate=${candidate} /><${Alerts} candidate=${candidate} /><${ClosingLists} candidate=${candidate} />
    <div class="exam_tabs" role="tablist">${TABS.map((name) => html`
      <button role="tab" aria-selected=${tab === name} onClick=${() => { candidate.tab.value = name; }} data-testid=${`tab-${name}`}>${t(`exam.tab_${name}`)}</button>`)}</div>
    <main class="exam_body">${messages}
      <section class="paper_side" aria-label=${t("exam.tab_paper")}><${MaterialList} candidate=${candidate} /><${PaperView} candidate=${candidate} /></section>
      <section class="answer_side" aria-label=${t("exam.tab_answer")}>
        <${AnswerEditor} candidate=${candidate} />
        <div class="work_files"><${Handwriting} candidate=${candidate} /><${FileList} candidate=${candidate} /></div></section>
    </main>
    <${Difference} candidate=${candidate} /><${Stay} candidate=${candidate} />
  </div>`;
}

// Apart, since it looks at the answer: with it the whole exam, the paper too, would be gone through at every key. Nothing is chosen
// while a submission is under way.
function Difference({ candidate }) {
  const { conflict, readOnly } = candidate.work.answer.value ?? {};
  return conflict && !readOnly && !candidate.work.submission.value ? html`<${Conflict} candidate=${candidate} />` : null;
}

// Of two texts neither was chosen in time: where they are.
function Undecided({ candidate }) {
  return candidate.work.answer.value.setAside.some(({ undecided }) => undecided) && html`<span data-testid="undecided">${t("conflict.undecided")}</span>`;
}

function Header({ candidate }) {
  const writing = Boolean(candidate.room.value.released_at);
  return html`<header class="exam_header">
    ${!candidate.isAway && html`<${SelfView} stream=${candidate.devices.value?.stream} small />`}
    <div class="exam_title"><strong>${candidate.room.value.exam_title}</strong><${OwnName} candidate=${candidate} /></div>
    <${ConnectionState} candidate=${candidate} /><${Countdown} candidate=${candidate} />
    ${!candidate.isAway && html`<${Talk} candidate=${candidate} />`}<${LanguageSwitch} />
    ${!candidate.isAway && html`<${Submit} candidate=${candidate} disabled=${!writing || candidate.work.opening.value || Boolean(candidate.work.readOnly.value)} />`}
  </header>`;
}

// The last word is the given name: where there is no place for all, it is the one that stays.
function OwnName({ candidate }) {
  const { full_name: name } = candidate.identity;
  const last = Math.max(0, name.lastIndexOf(" "));
  return html`<span class="own_name soft small_text" data-testid="own-name"><span>${candidate.sitting.value.number} · ${name.slice(0, last)}</span><span>${name.slice(last)}</span></span>`;
}

// Apart, since it is drawn twice a second.
function Countdown({ candidate }) {
  const now = useNow(500);
  const room = candidate.room.value;
  const writing = Boolean(room.released_at);
  const left = (writing ? Date.parse(candidate.deadline) : releaseDue(room)) - now;
  if (room.called_off || (room.hold && !writing)) return null; // nothing is counted down to
  if (!serverClock.known) return html`<div class="countdown" data-testid="countdown"><span class="small_text">${t("exam.no_clock")}</span></div>`;
  return html`<div class="countdown ${writing && left < SOON_MS ? "soon" : ""}" data-testid="countdown">
    <span class="small_text">${t(writing && left <= 0 ? "exam.time_over" : writing ? "exam.time_left" : "exam.until_release")}${
      serverClock.seeded && html` <span data-testid="own-clock">${t("exam.own_clock")}</span>`}</span>
    <strong class="figures" role="timer">${formatCountdown(left)}</strong></div>`;
}

function ConnectionState({ candidate }) {
  const { state } = candidate.connection.value;
  if (candidate.isAway) { // nothing is lost, and nothing has to be sent from here
    return html`<div class="exam_states" role="status"><span class="badge" data-testid="connection-state" data-state=${state}>
      <${Icon} name="info" size=${14} />${t("exam.elsewhere")}</span></div>`;
  }
  const connected = state === "connected";
  const recorded = candidate.publishing.value === "sending" && candidate.devices.value?.camera.ok !== false;
  return html`<div class="exam_states" role="status">
    <span class="badge ${connected ? "ok" : "technical"}" data-testid="connection-state" data-state=${state}>
      <${Icon} name=${connected ? "network" : "offline"} size=${14} />${t(connected ? "connection.connected" : "connection.lost_short")}</span>
    <span class="badge ${recorded ? "" : "technical"}" data-testid="media-state" data-state=${candidate.publishing.value} data-recorded=${recorded}>
      <${Icon} name=${recorded ? "record" : "offline"} size=${14} />${t(recorded ? "exam.recording" : "exam.not_recording")}</span></div>`;
}

function Alerts({ candidate }) {
  const [run, busy] = useAct();
  const { state, refusal } = candidate.connection.value;
  const readOnly = candidate.work.readOnly.value;
  const devices = candidate.devices.value;
  const badPart = devices && ["camera", "microphone"].find((part) => !devices[part].ok);
  const { suspended, referred, absent_since: absent, extra_minutes: extra } = candidate.sitting.value;
  const over = readOnly === "after_submit_by";
  const offline = ["lost", "waiting", "joining"].includes(state);
  const { called_off: calledOff, delay, paper, released_at: releasedAt } = candidate.room.value;
  return html`<div class="alerts">
    ${suspended && html`<${Notice} kind="high" live testid="suspended"><strong>${t("exam.suspended")}</strong><span>${suspended}</span><//>`}
    <${Held} candidate=${candidate} />
    <${AskedLater} candidate=${candidate} />
    ${referred && html`<${Notice} kind="technical" live testid="referred">${calledOff && html`<strong>${t("exam.called_off")}</strong>`}<span>${t(`exam.referred_${referred}`)}</span><//>`}
    ${delay && !releasedAt && !calledOff && html`<${Notice} kind="low" live testid="delayed">${t("exam.delayed", { time: formatClock(delay.until), reason: delay.reason })}<//>`}
    ${paper?.replaced_at && html`<${Notice} kind="low" icon="paper" live testid="paper-replaced">${t("exam.paper_replaced", { time: formatClock(paper.replaced_at) })}<//>`}
    ${candidate.shifted.value && html`<${Notice} kind="low" icon="clock" live testid="shifted">${t("exam.shifted", { release: formatClock(releaseDue(candidate.room.value)), time: formatClock(candidate.deadline) })}<//>`}
    ${extra > 0 && html`<${Notice} kind="ok" icon="clock" testid="extra-time">${t("exam.extra_time", { minutes: extra, time: formatClock(candidate.deadline) })}<//>`}
    ${absent && html`<${Notice} kind="low" testid="absent">${t("exam.absent", { time: formatClock(absent) })}<//>`}
    <${AskedElsewhere} candidate=${candidate} words=${`${suspended || readOnly ? "" : t("exam.asked_stay")} ${t("exam.asked_moves")}`} />
    ${state === "superseded" && html`<${Superseded} candidate=${candidate} words=${t("exam.superseded")} />`}
    <${StoppedHere} candidate=${candidate} />${!readOnly && html`<${BegunElsewhere} candidate=${candidate} words="files.begun_elsewhere" />`}
    ${offline && !candidate.work.submission.value && html`<${Notice} kind="technical" icon="offline" live testid="offline-notice">${over || readOnly === "held" ? t("connection.lost_over", { time: formatClock(candidate.deadline) }) : t("connection.lost")}<//>`}
    ${state === "refused" && html`<${Notice} kind="high">${errorText(refusal)}<//>`}
    ${over && !offline && !referred && html`<${TimeOver} candidate=${candidate} />`}
    ${badPart && html`<${Notice} kind="low" testid="device-lost"><span>${t(`exam.${badPart}_${["lost", "muted"].includes(devices[badPart].cause) ? "lost" : "missing"}`)} ${t(`cause.${devices[badPart].cause}`, { part: t(`check.${badPart}`).toLowerCase(), again: t("exam.reopen_devices") })} ${devices[badPart].mending && t("exam.mending")}</span>
      <div><button disabled=${busy} onClick=${() => run(() => candidate.checkDevices())} data-testid="reopen-devices">${t("exam.reopen_devices")}</button></div><//>`}
    ${(!candidate.work.answerKept.value || candidate.storeMissing.value) && html`<${Notice} kind="low">${t("candidate.store_missing")}<//>`}
    ${candidate.error.value && html`<${Notice} kind="high">${errorText(candidate.error.value)}<//>`}
  </div>`;
}

// How it stands with what was not handed in. Not while the office decides: that begins by the clock alone, as in held.js.
function TimeOver({ candidate }) {
  useNow(1000);
  const { answer, suspended } = candidate.sitting.value;
  const saved = answer.revision || candidate.work.complete.value.length;
  return !candidate.held && html`<${Notice} kind="low" testid="after-submit-by">
    <strong>${t("exam.after_submit_by", { time: formatClock(candidate.deadline) })}</strong>
    <span>${t(!candidate.knows.value ? "exam.maybe_submitted" : suspended ? "exam.suspended_unsubmitted" : saved ? "exam.saved_not_submitted" : "exam.nothing_saved")}</span>
    <${Undecided} candidate=${candidate} /><${LateText} candidate=${candidate} /><//>`;
}
