// The two lists published at the end of an exam (A14.2dd): who did not submit, who broke the rules; names and nothing else.
import { useEffect } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";

export function ClosingLists({ candidate }) {
  const lists = candidate.staff.lists.value;
  useEffect(() => {
    if (lists) candidate.staff.sawLists(lists.version);
  }, [lists?.version, candidate.connection.value.state]);
  if (!lists) return null;
  const names = (list) => (list.length ? html`<ul>${list.map((name) => html`<li>${name}</li>`)}</ul>` : html`<p class="soft">${t("lists.nobody")}</p>`);
  return html`<section class="card stack" aria-labelledby="lists_title" data-testid="closing-lists" data-version=${lists.version}>
    <div class="row between"><h2 id="lists_title">${t("lists.title")}</h2><span class="soft small_text figures">${t("lists.version", { version: lists.version, time: formatClock(lists.at) })}</span></div>
    <div><h3>${t("lists.did_not_submit")}</h3>${names(lists.did_not_submit)}</div>
    <div><h3>${t("lists.violated")}</h3>${names(lists.violated)}</div></section>`;
}
