// The answer's text, its length, and where it is saved.
import { useEffect, useMemo, useRef } from "preact/hooks";

import { MOST_CHARACTERS } from "../../lib/answers.js";
import { html } from "../../lib/html.js";
import { grouped, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { useSettled } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";

const COUNT_AFTER_MS = 250; // counting a long work at every key would be felt on a slow computer

// Where the line of the caret ends, in pixels from the top of the text: a text field does not tell, a copy of it does.
function caretEnd(field) {
  const copy = document.createElement("div");
  const { font, padding, letterSpacing } = getComputedStyle(field);
  Object.assign(copy.style, { position: "fixed", visibility: "hidden", boxSizing: "border-box", width: `${field.clientWidth}px`, font, padding, letterSpacing, whiteSpace: "pre-wrap", overflowWrap: "break-word" });
  const caret = document.createElement("span");
  caret.textContent = "\u200b";
  copy.append(field.value.slice(0, field.selectionEnd), caret);
  document.body.append(copy);
  const end = caret.offsetTop + caret.offsetHeight;
  copy.remove();
  return end;
}

/** Keep the line that is being written in sight when the field gets smaller, as when a message comes over it. */
function useCaretInSight(ref) {
  useEffect(() => {
    const { current: field } = ref;
    let before = 0;
    const observer = new ResizeObserver(() => {
      const { clientHeight: height } = field;
      if (height < before && field === document.activeElement) field.scrollTop = Math.max(field.scrollTop, caretEnd(field) - height);
      before = height;
    });
    observer.observe(field);
    return () => observer.disconnect();
  }, []);
}

export function AnswerEditor({ candidate }) {
  const field = useRef();
  useCaretInSight(field);
  const { text, excess, readOnly, conflict, setAside } = candidate.work.answer.value;
  const open = Boolean(candidate.room.value.released_at);
  const waits = candidate.work.opening.value || Boolean(candidate.work.submission.value);
  const settled = useSettled(text, COUNT_AFTER_MS);
  const { characters, words } = useMemo(() => ({ characters: [...settled].length, words: settled.trim() ? settled.trim().split(/\s+/).length : 0 }), [settled]);
  return html`<div class="editor">
    <div class="row between"><label for="answer">${t("answer.label")}</label>
      <span class="small_text soft figures" data-testid="answer-length">${t("answer.length", { characters, words })}</span></div>
    <textarea ref=${field} id="answer" aria-invalid=${excess > 0} value=${text} readonly=${!open || waits || Boolean(readOnly) || Boolean(conflict)} spellcheck=${false}
      placeholder=${t(open ? "answer.placeholder" : "answer.before_release")} onInput=${(event) => candidate.work.answers.edit(event.target.value)}
      data-testid="answer"></textarea>
    ${excess > 0 && !readOnly && html`<${Excess} characters=${excess} />`}
    <${SaveState} candidate=${candidate} />
    ${setAside.length > 0 && html`<details class="small_text" data-testid="set-aside"><summary>${t("answer.set_aside", { count: setAside.length })}</summary>
      ${setAside.map((one) => html`<p class="soft">${formatClock(one.at)} · ${t(`answer.origin_${one.origin}`)}</p><pre class="kept_text">${one.text}</pre>`)}</details>`}
  </div>`;
}

/** The text is too long by so many `characters`. */
export function Excess({ characters }) {
  return html`<${Notice} kind="high" live testid="answer-excess">${t("answer.excess", { most: grouped(MOST_CHARACTERS), characters: grouped(characters) })}<//>`;
}

/** Where the last words of a text are, by the state of `lib/answers.js`; `handed`: the device that took this one's place has them. */
export function whereSaved({ dirty, excess, serverAt, storeError, readOnly, lateAt, handed = false }) {
  if (handed && readOnly === "superseded") return "handed_over"; // whatever this computer keeps
  if (storeError) return "local_failed";
  if (!dirty) return serverAt ? "server" : "nothing";
  if (lateAt && readOnly) return "late"; // as evidence, unless time is given yet
  if (["after_submit_by", "referred"].includes(readOnly)) return excess > 0 ? "too_long" : "missed"; // too late for the server
  if (excess > 0 || readOnly === "superseded") return "here_only"; // the server does not take it as it is
  return ["suspended", "held"].includes(readOnly) ? "kept" : "local"; // until writing goes on, or for a moment
}

function SaveState({ candidate }) {
  if (candidate.work.opening.value) return html`<p class="save_state" data-testid="save-state" data-state="opening"><${Icon} name="clock" size=${16} /> ${t("save.opening")}</p>`;
  const { serverAt: heardAt, localAt, ...known } = candidate.work.answer.value;
  // Loaded anew without a network, the page still knows of the last save that the server acknowledged.
  const serverAt = heardAt ?? (candidate.work.answers.revision > 0 ? candidate.sitting.value?.answer?.saved_at : null);
  const state = whereSaved({ ...known, serverAt, handed: known.dirty && known.handed });
  const time = state === "server" ? formatClock(serverAt) : state === "late" ? formatClock(known.lateAt) : localAt ? formatClock(localAt) : "";
  return html`<p class="save_state ${state}" data-testid="save-state" data-state=${state} data-revision=${candidate.work.answers.revision}>
    <${Icon} name=${["server", "handed_over"].includes(state) ? "ok" : ["local_failed", "missed", "too_long", "late", "here_only"].includes(state) ? "warning" : "clock"} size=${16} />
    ${state === "local" && !localAt ? t("save.saving") : state === "local" && candidate.connection.value.state !== "connected" ? t("save.offline", { time }) : t(`save.${state}`, { time, most: grouped(MOST_CHARACTERS) })}</p>`;
}
