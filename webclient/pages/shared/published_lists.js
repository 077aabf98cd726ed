// The two lists as they were published (A14.2dd), for staff: who did not submit, who broke the rules, and who has seen it.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { ListsReached } from "./reached.js";

/** `sittings`: the room's candidates, of whom `state` and `lists_seen` are known. */
export function PublishedLists({ lists, sittings }) {
  return html`<div class="stack" data-testid="published-lists" data-version=${lists.version}><${TwoLists} lists=${lists} /></div>
    <${ListsReached} sittings=${sittings} version=${lists.version} />`;
}

/** Full names in two lists side by side, each with its number, where it is recorded: two candidates may have the same name.
 *  An empty list says so. */
export function TwoLists({ lists }) {
  const { numbers = {} } = lists;
  const names = (which) => lists[which].map((name, index) => [numbers[which]?.[index], name].filter(Boolean).join(" ")).join(", ") || t("lists.nobody");
  return html`<div class="lists_two"><div><h4>${t("lists.did_not_submit")}</h4><p>${names("did_not_submit")}</p></div>
      <div><h4>${t("lists.violated")}</h4><p>${names("violated")}</p></div></div>`;
}

/** Of the names in two lists, those that more than one of the room's candidates has. */
export function namesakesIn(lists, sittings) {
  const plain = (name) => name.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();
  const all = sittings.map(({ full_name: name }) => plain(name));
  const shared = [...lists.did_not_submit, ...lists.violated].filter((name) => all.filter((one) => one === plain(name)).length > 1);
  return [...new Set(shared)];
}
