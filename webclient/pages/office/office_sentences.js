// What an entry of the office's own log says in words.
import { hasText, t } from "../../lib/i18n.js";
import { formatDateTime } from "../../lib/time.js";

/** What the log told of people, exams and rooms, by their ids. The names of candidates stand on the logs of rooms;
 *  `exams`, as the office lists them, tell those of whoever is still on a list. */
export function known(events, exams = []) {
  const it = { people: new Map(), exams: new Map(), rooms: new Map(), candidates: new Map() };
  for (const { kind, data } of events) {
    if (kind === "account_made" || kind === "account_found") it.people.set(data.staff, data.full_name);
    else if (kind === "exam_created" || kind === "exam_revised") it.exams.set(data.exam, data.title);
    else if (kind === "room_created") it.rooms.set(data.room, data);
  }
  for (const { number, full_name: name, candidate } of exams.flatMap(({ rooms }) => rooms).flatMap(({ candidates }) => candidates)) it.candidates.set(candidate, `${number} ${name}`);
  return it;
}

/** The entry as a sentence in the page's language. */
export function sentence({ kind, actor, candidate, data }, it) {
  const word = (key, otherwise = "") => (hasText(key) ? t(key) : otherwise);
  const exam = (id) => it.exams.get(id) ?? "";
  const room = (id) => [it.rooms.get(id)?.title, exam(it.rooms.get(id)?.exam)].filter(Boolean).join(", ");
  const details = {
    ...data, name: it.people.get(actor) ?? word(`office_log.actor_${actor}`, actor),
    account: data.name, role: word(`role.${data.role}`, data.role), exam: exam(data.exam), room: room(data.room), to: room(data.to),
    candidate: it.candidates.get(candidate) ?? t("office_log.a_candidate"), count: data.candidates?.length,
    people: data.staff?.map?.((id) => it.people.get(id) ?? id).join(", ") || t("inspection.nothing"),
    at: data.happened_at ? formatDateTime(data.happened_at) : "", starts_at: data.schedule ? formatDateTime(data.schedule.starts_at) : "", source: data.source ? t("office_log.source", { exam: exam(data.source) }) : "",
    use: word(`office_log.use_${data.use}`), act: word(`office_log.act_${data.act}`, data.act), reason: data.reason || "",
  };
  return t(`office_event.${kind}`, details).replace(/[\s.:]+$/u, "");
}
