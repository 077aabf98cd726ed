// What a candidate agrees to before the exam: the recording, and the rules of online exams (A24.2).
import { sha256OfText } from "../../lib/digest.js";
import { t } from "../../lib/i18n.js";

export const CONSENT_VERSION = "2026-11"; // raised with every change of the words
export const CONSENT_PARTS = ["purpose", "recorded", "who", "retention", "rights"];
export const RULES_VERSION = "2026-01";
export const RULES_POINTS = 6;

/** The text that a consent is about, in the page's language. */
export const consentText = () => CONSENT_PARTS.map((part) => t(`consent.${part}`)).join("\n");

/** The rules that a candidate accepts, in the page's language. */
export const rulesText = () => Array.from({ length: RULES_POINTS }, (_, index) => t(`rules.${index + 1}`)).join("\n");

/** What somebody agrees to who agrees now, in the page's language: what the server is told in `consent` and `accept_rules`. */
export async function agreements() {
  const [consent, rules] = [consentText(), rulesText()];
  return {
    consent: { version: CONSENT_VERSION, text_sha256: await sha256OfText(consent) },
    rules: { version: RULES_VERSION, text_sha256: await sha256OfText(rules) },
  };
}
