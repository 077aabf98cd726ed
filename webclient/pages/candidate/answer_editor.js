// The answer's text, its length, and where it is saved.
import { useMemo } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { useSettled } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";

const MOST_CHARACTERS = 200_000;
const COUNT_AFTER_MS = 250; // counting a long work at every key would be felt on a slow computer

export function AnswerEditor({ candidate }) {
  const { text, readOnly, conflict, setAside } = candidate.work.answer.value;
  const open = Boolean(candidate.room.value.released_at);
  const settled = useSettled(text, COUNT_AFTER_MS);
  const { characters, words } = useMemo(() => ({ characters: [...settled].length, words: settled.trim() ? settled.trim().split(/\s+/).length : 0 }), [settled]);
  return html`<div class="editor">
    <div class="row between"><label for="answer">${t("answer.label")}</label>
      <span class="small_text soft figures" data-testid="answer-length">${t("answer.length", { characters, words })}</span></div>
    <textarea id="answer" maxlength=${MOST_CHARACTERS} value=${text} readonly=${!open || Boolean(readOnly) || Boolean(conflict)} spellcheck=${false}
      placeholder=${t(open ? "answer.placeholder" : "answer.before_release")} onInput=${(event) => candidate.work.answers.edit(event.target.value)}
      data-testid="answer"></textarea>
    <${SaveState} candidate=${candidate} />
    ${setAside.length > 0 && html`<details class="small_text" data-testid="set-aside"><summary>${t("answer.set_aside", { count: setAside.length })}</summary>
      ${setAside.map((one) => html`<p class="soft">${formatClock(one.at)} · ${t(`answer.origin_${one.origin}`)}</p><pre class="kept_text">${one.text}</pre>`)}</details>`}
  </div>`;
}

function SaveState({ candidate }) {
  const { dirty, serverAt: heardAt, localAt, storeError, readOnly } = candidate.work.answer.value;
  // Loaded anew without a network, the page still knows of the last save that the server acknowledged.
  const serverAt = heardAt ?? (candidate.work.answers.revision > 0 ? candidate.sitting.value?.answer?.saved_at : null);
  const over = ["after_submit_by", "referred"].includes(readOnly);
  const state = storeError ? "local_failed" : !dirty && serverAt ? "server" : !dirty ? "nothing" : over ? "missed" : ["suspended", "held"].includes(readOnly) ? "kept" : "local";
  const time = state === "server" ? formatClock(serverAt) : localAt ? formatClock(localAt) : "";
  return html`<p class="save_state ${state}" data-testid="save-state" data-state=${state} data-revision=${candidate.work.answers.revision}>
    <${Icon} name=${state === "server" ? "ok" : ["local_failed", "missed"].includes(state) ? "warning" : "clock"} size=${16} />
    ${state === "local" && !localAt ? t("save.saving") : state === "local" && candidate.connection.value.state !== "connected" ? t("save.offline", { time }) : t(`save.${state}`, { time })}</p>`;
}
