// Which screen a candidate sees, decided from what is known. Pure, so that every way through is easy to follow.

/**
 * `sitting` and `room` as the server (or this computer's memory of it) tells them, or null; `connection` is the
 * state of the room connection; `readmission` that another device was admitted and this one not yet; `elsewhere` that this
 * page joins after its device check; `handedIn` that the work was handed in there, `asksReceipt` that this page asks to come in
 * for the receipt; `prepared` means that devices work and consent was given on this page, `photographed`
 * that face and card were taken. Who is not admitted where the exam is called off does nothing more, and is told in the
 * lobby.
 */
export function stageOf({ sitting, room, connection, prepared, devicesChecked, readmission, elsewhere, handedIn, asksReceipt, photographed = true }) {
  if (connection === "declined") return "lobby"; // whatever it remembers of the exam, and however far it had come
  const submitted = sitting ? sitting.state === "submitted" : handedIn;
  if (submitted && (!asksReceipt || prepared || !(readmission || handedIn))) return "receipt";
  if (["refused", "signed_out"].includes(connection) && !sitting) return "refused";
  if (sitting?.state === "refused") return "lobby";
  if (room?.phase === "ended") return "over";
  if (sitting?.state === "admitted" && !readmission) return "exam";
  if (room?.called_off && sitting && !readmission) return "lobby";
  if (!sitting && !elsewhere && !devicesChecked && (connection === "idle" || connection === "joining")) return "connecting";
  if (prepared) return photographed || readmission ? "lobby" : "photos";
  return devicesChecked ? "consent" : "check";
}

/** What an invigilator asks for again now, `[subject, words]`; empty for nothing. */
export const askedOf = (candidate) => (candidate.connection.value.state === "connected"
  && Object.entries(candidate.sitting.value?.asked ?? {}).find((one) => !candidate.entrance.isPutOff(one))) || [];

/** The briefing that has to be read now, if there is one. */
export function briefingOf(candidate) {
  const { briefed = [], briefings_read: read = [] } = candidate.sitting.value ?? {};
  return candidate.connection.value.state === "connected" && ["rules", "submission"].find((name) => briefed.includes(name) && !read.includes(name));
}

/** When the paper goes out, in milliseconds; later than planned where the invigilator put it off. The practice has one time. */
export const releaseDue = (room) => Date.parse(room.release_due_at ?? room.times.release_at);

/**
 * Why nobody can be admitted any more, or not now: `called_off`, `held` while the office decides, `work_over` for who has no
 * time left; null while it may be. `held` that this candidate waits for the office, `now` in milliseconds. Who was admitted
 * may come back at another device as long as there is an exam.
 */
export function barred({ room, held, deadline, readmission, now }) {
  if (!room?.times || room.phase === "ended") return null;
  if (room.called_off) return "called_off";
  if (readmission) return null;
  const isOver = now > Date.parse(deadline);
  if (held || (room.hold && isOver)) return "held";
  return isOver ? "work_over" : null;
}
