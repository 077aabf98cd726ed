// Another device asks to come in with this candidate's number: said at the page that has the place, with the files that would not go
// along. It may be somebody else.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Notice } from "../shared/notice.js";
import { LeftBehind } from "./unsent_files.js";

/** `words`: what that means for the page as it stands. */
export function AskedElsewhere({ candidate, words }) {
  const { connection, sitting, readmission } = candidate;
  const asks = connection.value.state === "connected" && sitting.value.pending && !readmission.value; // which would be this page itself
  return asks && html`<${Notice} kind="low" live testid="asked-elsewhere">${t("exam.asked_elsewhere")} ${words}<${LeftBehind} candidate=${candidate} /><//>`;
}
