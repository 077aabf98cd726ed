// What the telephone says of its photographs, by what became of them: nothing is said to be sent that was not.

const TOO_LATE = ["already_submitted", "after_submit_by"];

/** The key of what is said below the reason why nothing is sent any more, of `unsent` photographs that lie here; null while
 *  their number is not known. Who pairs the telephone anew sends them, unless it is too late. */
export function afterTheEnd({ code }, unsent) {
  if (unsent === null) return null;
  if (unsent === 0) return "phone.ended_help";
  return TOO_LATE.includes(code) ? "phone.unsent" : "phone.pair_anew";
}

/** The key of the sentence and how many it tells of; `items` as Pages lists them. */
export function saidOf(items) {
  const count = (fits) => items.filter(fits).length;
  const failed = count(({ state }) => state === "failed");
  const waiting = count(({ state }) => !["there", "failed"].includes(state));
  if (waiting) return { key: "phone.waiting", count: waiting };
  if (failed) return { key: "phone.failed", count: failed };
  return items.length ? { key: "phone.all_sent", count: items.length } : { key: "phone.none", count: 0 };
}
