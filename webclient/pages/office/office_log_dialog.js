// The office's own log in words, newest first: what was done where no room is, by whom and when. For inspectors too.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatDate } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { LogState, useLog } from "../shared/use_log.js";
import { known, sentence } from "./office_sentences.js";

const AT_ONCE = 200;

/** `exams`, where they are known, tell the names of candidates. */
export function OfficeLogDialog({ api, exams, onClose }) {
  const log = useLog(api, "/api/office/events");
  const [most, setMost] = useState(AT_ONCE);
  const it = known(log.events, exams);
  const newest = log.events.toReversed();
  const actions = html`${newest.length > most && html`<button onClick=${() => setMost(most + AT_ONCE)} data-testid="office-log-more">${t("office_log.more", { count: newest.length - most })}</button>`}
    <button onClick=${onClose}>${t("common.close")}</button>`;
  return html`<${Dialog} wide title=${t("office.log")} onClose=${onClose} testid="office-log-dialog" actions=${actions}>
    <${LogState} log=${log} />
    <div class="event_list"><ol>${newest.slice(0, most).map((event) => html`<li key=${event.seq}><div class="entry dated" data-testid="office-event" data-kind=${event.kind}>
      <time class="figures soft">${formatClock(event.at)} ${formatDate(event.at)}</time><span>${sentence(event, it)}</span></div></li>`)}</ol></div><//>`;
}
