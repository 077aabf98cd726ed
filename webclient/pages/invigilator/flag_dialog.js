// Note a violation: who, what kind, when, in words. A note is a person's statement; nothing is decided by it.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";

export const CATEGORIES = ["phone", "other_person", "materials", "left_view", "talking", "impersonation", "appearance", "cybersecurity", "other"];
const IN_WORDS = ["other", "impersonation"]; // say nothing without a description
const BACK_SECONDS = [10, 30, 60, 300];

export function FlagDialog({ watched, candidate, onClose }) {
  const [opened] = useState(() => serverClock.now());
  const [category, setCategory] = useState(null);
  const [back, setBack] = useState(BACK_SECONDS[0]);
  const [text, setText] = useState("");
  const [run, busy, error] = useAct();
  const close = useClose(onClose);
  const [sitting] = useState(() => watched.sittings.value.get(candidate)); // the office may take somebody who waits off the roster meanwhile
  const { number, full_name: fullName, admitted_at: admittedAt, lobby_at: lobbyAt } = sitting;
  const earliest = Date.parse(admittedAt ?? lobbyAt ?? ""); // nobody was seen before; NaN: not yet at all
  const since = (seconds) => Math.min(Math.max(opened - seconds * 1000, earliest || 0), opened);
  const period = Number.isNaN(earliest) ? {} : { from: new Date(since(back)).toISOString(), to: new Date(opened).toISOString() };
  const note = () => run(async () => {
    await watched.noteViolation({ candidate, category, text: text.trim(), ...period });
    close();
  });
  const onKeyDown = (event) => {
    const chosen = CATEGORIES[Number(event.key) - 1];
    if (chosen && !event.target.closest("textarea, select")) setCategory(chosen);
  };
  const waits = !category ? "flag.waits_category" : IN_WORDS.includes(category) && !text.trim() ? "flag.waits_text" : null;
  const actions = html`${waits && html`<p class="soft small_text grow" id="flag_waits" role="status" data-testid="flag-waits">${t(waits)}</p>`}<${CloseButton}>${t("common.cancel")}<//>
    <button class="danger" disabled=${busy || Boolean(waits)} aria-describedby=${waits && "flag_waits"} onClick=${note} data-testid="flag-save">${t("flag.save")}</button>`;
  return html`<${ActDialog} busy=${busy} title=${t("flag.title", { name: `${number} ${fullName}` })} onClose=${onClose} actions=${actions} testid="flag-dialog">
    <p class="soft small_text">${t("flag.help")}</p>
    <div class="flag_categories" role="radiogroup" aria-label=${t("flag.category")} onKeyDown=${onKeyDown}>${CATEGORIES.map((key, index) => html`
      <label class="check"><input type="radio" name="category" checked=${category === key} onChange=${() => setCategory(key)} data-testid=${`flag-${key}`} />
        <span><kbd>${index + 1}</kbd> ${t(`violation.${key}`)}${key === "impersonation" && ` ${t("flag.describe")}`}</span></label>`)}</div>
    <div class="field"><label for="flag_back">${t("flag.since")}</label>
      <select id="flag_back" value=${back} onChange=${(event) => setBack(Number(event.target.value))} data-testid="flag-back">${BACK_SECONDS.filter((seconds, place) => place === 0 || !(opened - seconds * 1000 < earliest)).map((seconds) => html`
        <option value=${seconds}>${t("flag.back", { seconds, time: formatClock(since(seconds)) })}</option>`)}</select></div>
    <div class="field"><label for="flag_text">${t(IN_WORDS.includes(category) ? "flag.text_needed" : "flag.text")}</label>
      <textarea id="flag_text" rows="3" maxlength="2000" required=${IN_WORDS.includes(category)} value=${text} onInput=${(event) => setText(event.target.value)} data-testid="flag-text"></textarea></div>
    ${category === "impersonation" && html`<p class="soft small_text">${t(`flag.impersonation_${watched.room.value.regime.toLowerCase()}`)}</p>`}
    <${ErrorNotice} error=${error} /><//>`;
}
