// That an act is under way, seen and read out, while its buttons wait. The element stands there all the time: what comes into
// it is announced, what comes with it may not be.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";

export const Working = ({ busy }) => html`<span class="working soft" role="status" data-testid="working">${busy && t("common.working")}</span>`;
