// The briefings on the rules and on handing in, one at a time, until each is confirmed (A14.2c.3, A14.2c.4).
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { Messages } from "./messages.js";
import { briefingOf } from "./stage.js";

const POINTS = { rules: 5, submission: 4 };

export function Briefings({ candidate }) {
  const [run, busy, error] = useAct();
  const topic = briefingOf(candidate);
  if (!topic) return null;
  const actions = html`<button class="primary" disabled=${busy} onClick=${() => run(() => candidate.staff.readBriefing(topic))} data-testid="briefing-read">${t("briefing.read")}</button>`;
  return html`<${Dialog} key=${topic} title=${t(`briefing.${topic}`)} uninvited testid="briefing" actions=${actions}>
    <ol class="points">${Array.from({ length: POINTS[topic] }, (_, index) => html`<li>${t(`briefing.${topic}_${index + 1}`)}</li>`)}</ol>
    <${ErrorNotice} error=${error} /><${Messages} candidate=${candidate} /><//>`;
}
