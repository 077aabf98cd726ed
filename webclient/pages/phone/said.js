// What the telephone says of its photographs, by what became of them: nothing is said to be sent that was not.

/** The key of the sentence and how many it tells of; `items` as Pages lists them. */
export function saidOf(items) {
  const count = (fits) => items.filter(fits).length;
  const failed = count(({ state }) => state === "failed");
  const waiting = count(({ state }) => !["there", "failed"].includes(state));
  if (waiting) return { key: "phone.waiting", count: waiting };
  if (failed) return { key: "phone.failed", count: failed };
  return items.length ? { key: "phone.all_sent", count: items.length } : { key: "phone.none", count: 0 };
}
