// What the telephone says of its photographs, by what became of them: nothing is said to be sent that was not.

const PAIR_ANEW = ["phone_no_link", "phone_link_ended", "phone_revoked", "readmission_needed"];

/** The key of what is said below the reason why nothing is sent any more, of `taken` photographs, of which `unsent` lie here;
 *  null while that is not known. Where pairing the telephone anew sends them, that is said. */
export function afterTheEnd({ code }, left) {
  if (left === null) return null;
  if (left.unsent === 0) return left.taken ? "phone.ended_help" : "phone.ended_unused";
  return PAIR_ANEW.includes(code) ? "phone.pair_anew" : "phone.unsent";
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
