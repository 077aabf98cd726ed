// How long before or after the start of the exam a member of staff came in (A14.2c.1), in words.
import { t } from "../../lib/i18n.js";

/** `minutes`: whole minutes that were left to the start, below 0 when late. */
export function entered(minutes) {
  return t(minutes < 0 ? "entered.late" : minutes > 0 ? "entered.early" : "entered.just", { minutes: Math.abs(minutes) });
}
