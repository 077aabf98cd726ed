// Whether staff can be in a room now, by its entry in `/api/me`.

export const isOpen = ({ phase, unavailable }) => !["closed", "ended", "unavailable"].includes(phase) && !unavailable;

/** An ended room that the office has not received yet stays open to its invigilators, for the closing acts (A14.2e). */
export const isToBeClosed = ({ phase, handed_over: handedOver }, role) => role === "invigilator" && phase === "ended" && handedOver === false;
