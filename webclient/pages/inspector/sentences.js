// What an event of the room's log says in words, and how grave it is.
//
// A lost connection, a stalled picture, a fault of the server is technical: it has its own colour and word, so that it
// never reads as misconduct. Of a violation an invigilator's decision is shown, never a verdict of ours.
import { hasText, t } from "../../lib/i18n.js";
import { formatClock, formatDate, formatElapsed } from "../../lib/time.js";
import { entered } from "../shared/entered.js";

const LEVELS = {
  violation_noted: "reported", sitting_suspended: "measure", entry_refused: "measure", device_declined: "measure", submission_rejected: "measure",
  candidate_disconnected: "technical", recording_fault: "technical", server_restarted: "technical", server_stood_still: "technical", clock_stepped: "technical",
  room_held: "technical", referred_to_makeup: "technical", referred_to_deferral: "technical", not_collected: "technical", awaiting_prolonged: "technical", room_unattended: "alarm", release_held: "alarm", briefings_missing: "alarm",
};
const TECHNICAL_MEDIA = new Set(["stalled", "closed"]);
const CLOCKS_APART_MS = 2000; // less may be the way to the server
export const LEVEL_ICONS = { confirmed: "flag", reported: "flag", dismissed: "ok", technical: "offline", alarm: "warning", measure: "hold" };

/** The entries of a log as they are read: those whose personal data was erased tell nothing but their kind. */
export const readable = (events) => events.map((event) => (event.data ? event : { ...event, data: {} }));

/** What the log told of people and things, by their ids: needed to say an event in words. `me`: who is signed in. */
export function known(events, me) {
  let isClosed = false; // nobody has time left
  const done = new Set(); // those who handed in, or whose work was collected
  const it = { staff: new Map(), candidates: new Map(), violations: new Map(), messages: new Map(), authors: new Map(), materials: new Map(), files: new Map(), left: new Set(), back: new Set() };
  const came = new Set(); // members of staff who were in the room before
  for (const { seq, kind, candidate, data } of events) {
    if (kind === "submitted") done.add(candidate);
    else if (kind === "submission_closed" || kind === "room_ended") isClosed = true;
    else if (kind === "times_shifted" || kind === "extra_time_granted") isClosed = false;
    else if ((kind === "candidate_disconnected" || kind === "media_changed") && (isClosed || done.has(candidate))) it.left.add(seq);
    if (kind === "staff_entered") {
      if (came.has(data.staff)) it.back.add(seq);
      came.add(data.staff);
    }
    if (kind === "staff_assigned") it.staff.set(data.staff, data.full_name);
    else if ((kind === "staff_entered" || kind === "staff_refused") && !it.staff.has(data.staff)) it.staff.set(data.staff, data.full_name || (data.staff === me?.subject ? me.full_name : t(`role.${data.role}`)));
    else if (kind.endsWith("_viewed") && data.full_name && !it.staff.has(data.by)) it.staff.set(data.by, data.full_name); // who only replays
    else if (kind === "candidate_enrolled" && data.full_name) it.candidates.set(candidate, `${data.number} ${data.full_name}`);
    else if (kind === "violation_noted") it.violations.set(data.violation, { candidate, category: data.category, status: "reported" });
    else if (kind === "violation_decided") it.violations.set(data.violation, { ...it.violations.get(data.violation), status: data.status });
    else if (kind === "message_sent" || kind === "candidate_wrote") {
      it.messages.set(data.message, data.text);
      it.authors.set(data.message, candidate);
    } else if (kind === "material_given") it.materials.set(data.material, data.title);
    else if (kind === "file_received") it.files.set(data.file, data.name);
  }
  if (me && !it.staff.has(me.subject)) it.staff.set(me.subject, me.full_name);
  return it;
}

/** How grave an event is, a key of LEVEL_ICONS; null for what is the ordinary course of an exam. */
export function level({ seq, kind, data }, it) {
  if (it.left.has(seq)) return null; // nothing was lost: the candidate was through
  if (kind === "violation_noted" || kind === "violation_decided") return it.violations.get(data.violation)?.status ?? "reported";
  if (kind === "media_changed") return TECHNICAL_MEDIA.has(data.state) ? "technical" : null;
  return LEVELS[kind] ?? null;
}

/** What the clock of the candidate's own computer showed, if it was not the server's time; empty otherwise. */
export function ownClock({ at, data }) {
  const own = Date.parse(data.client_time);
  if (!(Math.abs(own - Date.parse(at)) >= CLOCKS_APART_MS)) return "";
  return t("inspection.own_clock", { time: [formatClock(own), formatDate(own) !== formatDate(at) && formatDate(own)].filter(Boolean).join(" ") });
}

/** The event as a sentence in the page's language. */
export function sentence({ seq, kind, actor, data }, it) {
  const word = (key, otherwise) => (hasText(key) ? t(key) : otherwise ?? "");
  const person = (id) => it.staff.get(id) ?? it.candidates.get(id) ?? id ?? "";
  const several = (ids) => ids.map(person).join(", ");
  const clock = (moment) => (moment ? formatClock(moment) : "");
  const matter = (text) => {
    const [what, id] = text.split(":");
    const said = word(`inspection.matter_${what}`);
    const who = it.violations.get(id)?.candidate ?? it.authors.get(id) ?? id;
    return said ? [said, it.candidates.get(who) ?? word(`briefing.${id}`)].filter(Boolean).join(" ") : text;
  };
  const schedule = Object.fromEntries(["starts_at", "release_at", "submit_by", "end_at"].map((name) => [name, clock(data.schedule?.[name])]));
  const early = data.minutes_before_start;
  const violation = it.violations.get(data.violation);
  const details = {
    ...data, ...schedule, name: person(data.by ?? data.staff ?? actor), reason: data.reason, text: data.text,
    role: word(`role.${data.role}`, data.role),
    unit: data.unit || t("role.it_unit"),
    numbered: data.number ? t("inspection.numbered", { number: data.number }) : "",
    entered: early === undefined ? "" : entered(early),
    to_name: typeof data.to === "string" ? person(data.to) : "",
    to_names: Array.isArray(data.to) ? several(data.to) || t("inspection.whole_room") : "",
    matters: data.matters && (data.matters.map(matter).join(", ") || t("inspection.nothing")),
    since: clock(data.since), until: clock(data.until),
    missed: word(`inspection.missed_${data.missed}`, data.missed), outcome: word(`inspection.outcome_${data.outcome}`, data.outcome),
    media: word(`inspection.media_${data.state}`, data.state), subject: word(`inspection.subject_${data.subject}`, data.subject),
    check: word(`inspection.check_${data.check}`, data.check), result: t(data.passed ? "inspection.result_passed" : "inspection.result_failed"),
    topic: word(`briefing.${data.topic}`, data.topic), topics: data.topics?.map((topic) => word(`briefing.${topic}`, topic)).join(", "),
    present: data.present?.length, nature: word(`material.${data.nature}`, data.nature),
    title: data.title ?? it.materials.get(data.material), file_name: data.name ?? it.files.get(data.file),
    why: kind === "recording_fault" ? word(`inspection.fault_${data.why}`, data.why) : kind === "not_collected" ? word(`inspection.not_collected_${data.why}`, data.why)
      : kind === "late_file_kept" ? word(`inspection.kept_${data.why ?? "late"}`, data.why) : word(`inspection.phone_${data.why}`, data.why),
    written: Number.isFinite(Date.parse(data.written_at)) ? t("inspection.written", { time: clock(data.written_at) }) : "",
    unmet: data.unmet?.map((reason) => word(`inspection.unmet_${reason}`, reason)).join(", "),
    sender: kind === "paper_key_delivered" && data.by ? t("inspection.in_the_name_of", { name: person(data.by) }) : "",
    collected: data.collected ? t("inspection.collected") : "",
    category: word(`violation.${data.category ?? violation?.category}`, data.category), status: word(`violation_status.${data.status}`, data.status),
    period: !data.since ? "" : t(data.until ? "inspection.period" : "inspection.period_since", { from: clock(data.since), to: clock(data.until) }),
    did_not_submit: data.did_not_submit?.length, violated: data.violated?.length,
    message: kind === "message_seen" ? it.messages.get(data.message) : "",
    started_at: clock(data.segment?.started_at), duration: data.segment ? formatElapsed(data.segment.duration_ms) : "",
  };
  if (kind === "shift_taken" && !data.matters) return t("inspection.shift_taken_before", details); // nobody wrote down which
  if (kind === "candidate_disconnected" && it.left.has(seq)) return t("inspection.candidate_left");
  if (kind === "staff_entered" && it.back.has(seq)) return t("inspection.came_back", details); // how early or late says the first time
  const key = kind === "room_held" && data.missed === "invigilator" ? "inspection.room_held_unreleased" : `event.${kind}`;
  return t(key, details).replace(/[\s.:]+$/u, "");
}
