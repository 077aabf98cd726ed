// The way to the practice room.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Icon } from "../shared/icon.js";

export function PracticeLink() {
  return html`<div class="practice_link"><a class="button" href="/practice" data-testid="practice-open"><${Icon} name="check" size=${16} />${t("practice.open")}</a>
    <span class="soft small_text">${t("practice.open_help")}</span></div>`;
}
