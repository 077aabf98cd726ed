// Which screen a candidate sees, decided from what is known. Pure, so that every way through is easy to follow.

/**
 * `sitting` and `room` as the server (or this computer's memory of it) tells them, or null; `connection` is the
 * state of the room connection; `readmission` that another device was admitted and this one not yet; `elsewhere` that this
 * page joins after its device check; `prepared` means that devices work and consent was given on this page, `photographed`
 * that face and card were taken.
 */
export function stageOf({ sitting, room, connection, prepared, devicesChecked, readmission, elsewhere, photographed = true }) {
  if (sitting?.state === "submitted" && !readmission) return "receipt";
  if (["refused", "signed_out"].includes(connection) && !sitting) return "refused";
  if (sitting?.state === "refused") return "lobby";
  if (room?.phase === "ended") return "over";
  if (sitting?.state === "admitted" && !readmission) return "exam";
  if (!sitting && !elsewhere && !devicesChecked && (connection === "idle" || connection === "joining")) return "connecting";
  if (prepared) return photographed || readmission ? "lobby" : "photos";
  return devicesChecked ? "consent" : "check";
}

/** What an invigilator asks for again now, `[subject, words]`; empty for nothing. */
export const askedOf = (candidate) => (candidate.connection.value.state === "connected"
  && Object.entries(candidate.sitting.value?.asked ?? {}).find((one) => !candidate.entrance.isPutOff(one))) || [];

/** When the paper goes out, in milliseconds; later than planned where the invigilator put it off. The practice has one time. */
export const releaseDue = (room) => Date.parse(room.release_due_at ?? room.times.release_at);
