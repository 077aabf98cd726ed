// The two lists as they were published (A14.2dd), for staff: who did not submit, who broke the rules, and who has seen it.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { ListsReached } from "./reached.js";

/** `sittings`: the room's candidates, of whom `state` and `lists_seen` are known. */
export function PublishedLists({ lists, sittings }) {
  return html`<div class="stack" data-testid="published-lists" data-version=${lists.version}><${TwoLists} lists=${lists} /></div>
    <${ListsReached} sittings=${sittings} version=${lists.version} />`;
}

/** Full names in two lists side by side; an empty list says so. */
export function TwoLists({ lists }) {
  const names = (list) => list.join(", ") || t("lists.nobody");
  return html`<div class="lists_two"><div><h4>${t("lists.did_not_submit")}</h4><p>${names(lists.did_not_submit)}</p></div>
      <div><h4>${t("lists.violated")}</h4><p>${names(lists.violated)}</p></div></div>`;
}
