// Whether staff can be in a room now, by its entry in `/api/me`.

export const isOpen = ({ phase, unavailable }) => !["closed", "ended", "unavailable"].includes(phase) && !unavailable;

/** An ended room stays open to its invigilators, for the closing acts (A14.2e) and, once the office has received it, for a
 *  correction of the lists (A14.2dd). */
export const isToBeClosed = ({ phase, unavailable }, role) => role === "invigilator" && phase === "ended" && !unavailable;
