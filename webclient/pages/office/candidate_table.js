// The candidates of a room, with what they ask for, and what the office may do for one of them.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { CodesIssueDialog } from "./codes_issue_dialog.js";
import { MoveDialog } from "./move_dialog.js";

const BEFORE_ADMISSION = new Set(["expected", "waiting"]);

export function CandidateTable({ api, room, others, reload }) {
  const [roster, setRoster] = useState(new Map()); // what the office alone knows of each
  const [act, setAct] = useState(null); // {what: "move" or "code", candidate}
  const [run, , error] = useAct();
  const load = () => run(async () => {
    const { candidates } = await api.get(`/api/rooms/${room.room}/roster`);
    setRoster(new Map(candidates.map((one) => [one.candidate, one])));
  });
  useEffect(() => { void load(); }, [room.candidates.length]);
  const close = () => setAct(null);
  const notes = ({ candidate, shares_place: place }) => {
    const known = roster.get(candidate);
    const wish = [known?.wish, known?.wished_minutes ? t("candidates.minutes", { count: known.wished_minutes }) : ""].filter(Boolean).join(", ");
    return [
      place && t("candidates.shares_place", { place }), wish && t("candidates.wish", { wish }),
      known && !known.code_issued_at && t("candidates.no_code"),
    ].filter(Boolean);
  };
  const mayMove = (one) => others.length > 0 && BEFORE_ADMISSION.has(one.state) && (room.phase === "closed" || room.phase === "entry");
  return html`<div class="stack"><${ErrorNotice} error=${error} /><div class="table_box"><table data-testid="candidates"><thead><tr>
      <th>${t("list.number")}</th><th>${t("list.full_name")}</th><th>${t("candidates.notes")}</th><th>${t("office.state")}</th><th>${t("office.connection")}</th><th>${t("office.submitted_at")}</th><th></th></tr></thead>
    <tbody>${room.candidates.map((one) => html`<tr key=${one.candidate} data-number=${one.number}><td class="figures">${one.number}</td><td>${one.full_name}</td>
      <td class="small_text" data-testid="candidate-notes">${notes(one).map((note) => html`<div>${note}</div>`)}</td><td>${t(`sitting.${one.state}`)}</td>
      <td>${t(one.connected ? "office.online" : "office.offline")}</td><td class="figures">${one.submitted_at ? formatClock(one.submitted_at) : "–"}</td>
      <td><div class="row">${mayMove(one) && html`<button class="small" onClick=${() => setAct({ what: "move", candidate: one })} data-testid="move">${t("move.open")}</button>`}
        ${room.phase !== "ended" && html`<button class="small" onClick=${() => setAct({ what: "code", candidate: one })} data-testid="code-reissue">${t("codes.reissue")}</button>`}</div></td></tr>`)}</tbody></table></div>
    ${act?.what === "move" && html`<${MoveDialog} api=${api} room=${room} others=${others} candidate=${act.candidate} reload=${reload} onClose=${close} />`}
    ${act?.what === "code" && html`<${CodesIssueDialog} api=${api} room=${room} candidate=${act.candidate} onDone=${load} onClose=${close} />`}</div>`;
}
