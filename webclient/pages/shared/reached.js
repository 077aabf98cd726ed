// Whom something reached: a count, and by name who has it and who has not. Briefings, the paper, corrections, the published
// lists.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";

/** `groups`: [label, people] in the order in which they are read, those who lack it first. */
export function Reached({ summary, groups, testid, name }) {
  const named = (people) => [...people].sort((a, b) => a.number.localeCompare(b.number, "vi", { numeric: true }))
    .map(({ number, full_name: name }) => `${number} ${name}`).join(", ") || t("lists.nobody");
  return html`<details data-testid=${testid} data-name=${name}><summary class="small_text">${summary}</summary>
    ${groups.map(([label, people]) => html`<p key=${label} class="small_text"><b>${label}</b> ${named(people)}</p>`)}</details>`;
}

/** A correction or a further file: they go to who was admitted. */
export function MaterialReached({ sittings, material }) {
  const meant = sittings.filter(({ admitted_at: admittedAt }) => admittedAt);
  const has = (one) => one.materials_received.includes(material);
  return html`<${Reached} testid="receipts" name=${material} summary=${t("material.receipts", { count: meant.filter(has).length, of: meant.length })} groups=${[
    [t("material.receipts_lack"), meant.filter((one) => !has(one))],
    [t("material.receipts_have"), meant.filter(has)],
  ]} />`;
}

/** The paper that is out: who was admitted and has not fetched it, has no key for it, has not opened it, has it open. `since`:
 *  when the reserve paper took its place, which is not meant for who had handed in by then. */
export function PaperReached({ sittings, since }) {
  const meant = sittings.filter(({ admitted_at: admittedAt, submitted_at: at }) => admittedAt && !(since && at && Date.parse(at) < Date.parse(since)));
  const step = ({ paper }) => (paper.opened_at ? "opened" : !paper.fetched_at ? "unfetched" : paper.key_at ? "unopened" : "keyless");
  const at = (name) => meant.filter((one) => step(one) === name);
  return html`<${Reached} testid="paper-reached" summary=${t("reached.paper", { count: at("opened").length, of: meant.length })}
    groups=${["unfetched", "keyless", "unopened", "opened"].map((name) => [t(`reached.paper_${name}`), at(name)])} />`;
}

const BRIEFED_IN = new Set(["waiting", "admitted", "submitted"]);

/** One briefing, held so many `times`: who has not had it, who was there when the room was briefed, and who had it alone later; who of these did not
 *  say so, who confirmed it. Who never came is not waited for. */
export function BriefingReached({ sittings, topic, times }) {
  const meant = sittings.filter(({ state, briefed }) => BRIEFED_IN.has(state) || briefed.includes(topic));
  const heard = meant.filter(({ briefed }) => briefed.includes(topic));
  const alone = ({ briefed_alone: topics }) => topics.includes(topic);
  const confirmed = heard.filter(({ briefings_read: read }) => read.includes(topic));
  if (meant.length === 0) return null;
  return html`<${Reached} testid="briefing-reached" name=${topic} summary=${t("reached.briefing", { count: confirmed.length, of: meant.length })} groups=${[
    [t("reached.not_briefed"), meant.filter((one) => !heard.includes(one))],
    [t(times > 1 ? "reached.present_once" : "reached.present"), heard.filter((one) => !alone(one))],
    [t("reached.alone"), heard.filter(alone)],
    [t("reached.unconfirmed"), heard.filter((one) => !confirmed.includes(one))],
    [t("reached.confirmed"), confirmed],
  ]} />`;
}

/** The published lists in their newest version: they go to everybody who came, also to those who were not admitted. */
export function ListsReached({ sittings, version }) {
  const meant = sittings.filter(({ state, lists_seen: seen }) => seen > 0 || state !== "expected");
  const saw = meant.filter(({ lists_seen: seen }) => seen >= version);
  if (meant.length === 0) return null;
  return html`<${Reached} testid="lists-reached" summary=${t("reached.lists", { count: saw.length, of: meant.length })} groups=${[
    [t("reached.not_seen"), meant.filter((one) => !saw.includes(one))],
    [t("reached.seen"), saw],
  ]} />`;
}
