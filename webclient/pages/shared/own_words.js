// What the browser says at a field that cannot be sent is said in the page's language, whichever the browser has.
import { t } from "../../lib/i18n.js";

/** What is wrong with a field, by its `validity`; "" when nothing is. */
function wordsFor({ validity, tagName, type, title, min, max, minLength }) {
  if (validity.valid) return "";
  if (validity.badInput || (type.startsWith("date") && !validity.valueMissing)) return t("field.unread");
  if (validity.valueMissing) return t(tagName === "SELECT" ? "field.unchosen" : "field.missing");
  if (validity.patternMismatch) return t("field.pattern", { form: title });
  if (validity.rangeUnderflow || validity.rangeOverflow) return t(max ? "field.range" : "field.least", { min, max });
  if (validity.stepMismatch) return t("field.whole");
  if (validity.tooShort) return t("field.short", { count: minLength });
  return t("field.unread");
}

addEventListener("invalid", ({ target }) => {
  target.setCustomValidity(""); // as it was said before, perhaps in the other language
  target.setCustomValidity(wordsFor(target));
}, true);
addEventListener("input", ({ target }) => target.setCustomValidity?.(""), true);
// What the page itself put right, as by a suggestion that was pressed, is judged anew. Enter presses the button too.
addEventListener("click", ({ target }) => {
  for (const field of target.closest?.("button")?.form?.elements ?? []) field.setCustomValidity?.("");
}, true);
