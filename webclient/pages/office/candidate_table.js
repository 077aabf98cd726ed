// The candidates of a room, with what they ask for, and what the office may do for one of them.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { useAct, useNow } from "../shared/hooks.js";
import { ListTable } from "../shared/list_table.js";
import { ErrorNotice } from "../shared/notice.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { CodesIssueDialog } from "./codes_issue_dialog.js";
import { MoveDialog } from "./move_dialog.js";

const BEFORE_ADMISSION = new Set(["expected", "waiting", "refused"]);
const BEFORE_RELEASE = new Set(["closed", "entry"]);

const filled = (words, drawn) => (words.length ? drawn(words) : null); // a telephone shows no line for an empty cell

export function CandidateTable({ api, room, others, reload }) {
  const [roster, setRoster] = useState(new Map()); // what the office alone knows of each
  const [act, setAct] = useState(null); // {what: "move", "remove" or "code", candidate}
  const [run, , error] = useAct();
  const now = useNow(5000);
  const load = () => run(async () => {
    const { candidates } = await api.get(`/api/rooms/${room.room}/roster`);
    setRoster(new Map(candidates.map((one) => [one.candidate, one])));
  });
  useEffect(() => { void load(); }, [room.candidates.length]);
  const close = () => setAct(null);
  const notes = ({ candidate, shares_place: place, extra_minutes: extra = 0 }) => {
    const known = roster.get(candidate);
    const minutes = known?.wished_minutes > extra && t("candidates.minutes", { count: known.wished_minutes }); // what was granted is no wish any more
    const wish = [known?.wish, minutes].filter(Boolean).join(", ");
    return [
      extra > 0 && t("candidates.extra_minutes", { count: extra }), place && t("candidates.shares_place", { place }), wish && t("candidates.wish", { wish }),
      known && !known.code_issued_at && t("candidates.no_code"),
    ].filter(Boolean);
  };
  const standing = ({ state, referred, suspended }) => {
    if (referred) return t(`candidates.referred_${referred}`);
    if (state === "admitted" && suspended) return t("candidates.suspended", { reason: suspended });
    if (!state) return ""; // a room that ended before the server started tells none
    return t(state === "admitted" && ["after", "ended"].includes(room.phase) && !room.hold ? "candidates.not_submitted" : `sitting.${state}`);
  };
  const mayMove = (one) => others.length > 0 && BEFORE_ADMISSION.has(one.state) && room.phase !== "ended" && now < Date.parse(room.times.starts_at);
  const columns = [
    { name: t("list.number"), figures: true, cell: ({ number }) => number },
    { name: t("list.full_name"), cell: (one) => one.full_name },
    { name: t("candidates.notes"), cell: (one) => filled(notes(one), (all) => html`<div class="small_text" data-testid="candidate-notes">${all.map((note) => html`<div>${note}</div>`)}</div>`) },
    { name: t("office.state"), cell: (one) => filled(standing(one), (words) => html`<span data-testid="candidate-state">${words}</span>`) },
    { name: t("office.connection"), cell: ({ connected }) => room.phase !== "ended" && t(connected ? "office.online" : "office.offline") },
    { name: t("office.submitted_at"), figures: true, cell: (one) => one.submitted_at && formatClock(one.submitted_at) },
    { name: "", cell: (one) => html`<div class="row">${mayMove(one) && html`<button class="small" onClick=${() => setAct({ what: "move", candidate: one })} data-testid="move">${t("move.open")}</button>`}
      ${BEFORE_ADMISSION.has(one.state) && BEFORE_RELEASE.has(room.phase) && html`<button class="small" onClick=${() => setAct({ what: "remove", candidate: one })} data-testid="candidate-remove">${t("candidates.remove")}</button>`}
      ${room.phase !== "ended" && html`<button class="small" onClick=${() => setAct({ what: "code", candidate: one })} data-testid="code-reissue">${t("codes.reissue")}</button>`}</div>` },
  ];
  return html`<div class="stack"><${ErrorNotice} error=${error} />
    <${ListTable} columns=${columns} rows=${room.candidates} attributes=${({ candidate, number }) => ({ key: candidate, "data-number": number })} testid="candidates" label=${t("office.candidates")} />
    ${act?.what === "move" && html`<${MoveDialog} api=${api} room=${room} others=${others} candidate=${act.candidate} reload=${reload} onClose=${close} />`}
    ${act?.what === "remove" && html`<${ReasonDialog} title=${t("candidates.remove")} verb=${t("candidates.remove")} danger onClose=${close} act=${async (reason) => {
      await api.delete(`/api/rooms/${room.room}/candidates/${act.candidate.candidate}`, { reason });
      await reload();
    }}><p>${t("candidates.remove_help", { number: act.candidate.number, name: act.candidate.full_name })}</p><//>`}
    ${act?.what === "code" && html`<${CodesIssueDialog} api=${api} room=${room} candidate=${act.candidate} onDone=${load} onClose=${close} />`}</div>`;
}
