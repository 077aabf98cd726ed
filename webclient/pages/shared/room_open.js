// Whether staff can be in a room now, by its entry in `/api/me`.

export const isOpen = ({ open }) => Boolean(open);

/** Of an exam that is not published nobody enters a room, whatever the clock says. */
export const isDraft = ({ published, phase }) => published === false && phase !== "ended";

/** An ended room stays open to its invigilators, for the closing acts (A14.2e) and, once the office has received it, for a
 *  correction of the lists (A14.2dd). */
export const isToBeClosed = ({ phase, published, unavailable }, role) => role === "invigilator" && phase === "ended" && published !== false && !unavailable;
