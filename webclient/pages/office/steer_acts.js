// What the office may do to a room as it stands: an act is not offered where it would come too late, or serve nobody.

const ACTS = ["shift", "extra", "wishes", "late", "reserve", "material", "hold", "handover"];
const NOT_ADMITTED = new Set(["expected", "waiting", "refused"]);

/** Who can be given time: has neither handed in nor been referred to another sitting. */
export const atWork = (room) => room.candidates.filter(({ state, referred }) => state !== "submitted" && !referred);

/** Who can be let in after the limit for late arrivals. */
export const mayComeLate = (room) => room.candidates.filter(({ state, late_allowed: allowed }) => NOT_ADMITTED.has(state) && !allowed);

// The clock ends no room that is held.
const isOpen = ({ called_off: calledOff, hold, phase }) => !calledOff && (phase !== "ended" || hold);

/** Whether somebody's time is not over. */
export const inTime = (room) => isOpen(room) && (room.phase !== "after" || room.hold);

/** Whether an act is only for a room in which somebody's time is not over. */
export const endsWithTime = (act) => act !== "hold" && act !== "handover";

/** Whether a correction or a file that another room of the exam is given can go to this one too: with the paper, where that is
 *  not released yet. */
export const canHaveMaterial = (room) => room.published && inTime(room) && atWork(room).length > 0;

/** Names of the acts, in their order. `wishes`: how many wishes for extra time wait. Before staff may enter, time can be
 *  given already; the times of all, the paper and who comes late are no matter yet: for them the exam is withdrawn. */
export function offeredActs(exam, room, wishes = 0) {
  const { handover, hold, phase, released_at: released } = room;
  const goesOn = inTime(room);
  const entered = goesOn && phase !== "closed";
  const writing = atWork(room).length > 0;
  const may = {
    shift: entered, extra: goesOn && writing, wishes: goesOn && wishes > 0, late: entered && mayComeLate(room).length > 0,
    reserve: entered && exam.reserve && writing, material: goesOn && released && writing, hold, handover, // to be read after the receipt too
  };
  return ACTS.filter((act) => may[act]);
}
