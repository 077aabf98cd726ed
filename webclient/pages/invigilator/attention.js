// The attention strip: at most six people who need somebody now, worst first. The tiles themselves never move.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatElapsed } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { standing } from "./watched_room.js";

const MOST = 6;
const RANK = ["suspended", "device", "hand", "message", "offline", "no_media", "asked", "absent", "violation"];
const ICONS = { suspended: "hold", device: "warning", hand: "hand", message: "message", offline: "offline", no_media: "camera", asked: "camera", absent: "person", violation: "flag" };

/** The messages that candidates wrote to staff and nobody answered, by candidate. */
export function unanswered(messages) {
  const answered = new Set(messages.map(({ answers }) => answers));
  const open = messages.filter((one) => one.to === "staff" && !answered.has(one.message));
  return new Map(open.map(({ from }) => [from, open.filter((one) => one.from === from)]));
}

/** What needs somebody, by candidate: `{candidate, why, since, others}`, `others` being what else does so of that one
 *  (`{why, since}`); in order of rank and time. */
export function needs(sittings, messages, violations, vitals = {}, room = null) {
  const found = new Map(); // candidate -> reasons
  const add = (candidate, why, since) => {
    const known = found.get(candidate) ?? found.set(candidate, []).get(candidate);
    if (!known.some((one) => one.why === why)) known.push({ why, since });
  };
  for (const one of sittings.values()) {
    if (one.readmission) add(one.candidate, "device", null); // stands before a door
    if (one.hand_raised_at) add(one.candidate, "hand", one.hand_raised_at); // also after handing in
    if (one.state === "submitted" || one.state === "expected") continue;
    if (one.suspended) add(one.candidate, "suspended", null);
    if (one.state === "admitted" && !one.connected && !one.left) add(one.candidate, "offline", one.connection_changed_at);
    if (one.state === "admitted" && standing(one, vitals[one.candidate], room) === "no_media") add(one.candidate, "no_media", null); // present, and neither seen nor recorded
    if (Object.keys(one.asked).length) add(one.candidate, "asked", null);
    if (one.absent_since) add(one.candidate, "absent", one.absent_since);
  }
  for (const [candidate, some] of unanswered(messages)) add(candidate, "message", some.map(({ at }) => at).sort()[0]); // whoever waits longest
  for (const one of violations) if (one.status === "reported") add(one.candidate, "violation", one.at);
  const rank = ({ why }) => RANK.indexOf(why);
  const worst = [...found].map(([candidate, reasons]) => {
    const [first, ...others] = reasons.sort((a, b) => rank(a) - rank(b));
    return { candidate, ...first, others };
  });
  return worst.sort((a, b) => rank(a) - rank(b) || String(a.since).localeCompare(String(b.since)));
}

export function Attention({ watched, onOpen }) {
  const now = useNow(1000);
  const list = needs(watched.sittings.value, watched.messages.value, watched.violations.value, watched.vitals.value.candidates, watched.room.value);
  // Its line is always there: if it came and went, the tiles below would move.
  return html`<div class="attention" role="group" aria-label=${t("attention.title")} data-testid="attention">
    ${list.length === 0 && html`<span class="soft small_text">${t("attention.none")}</span>`}
    ${list.slice(0, MOST).map(({ candidate, why, since, others }) => {
      const sitting = watched.sittings.value.get(candidate);
      return html`<button key=${candidate} class="chip ${why}" onClick=${() => onOpen(candidate)} data-testid="attention-item" data-candidate=${candidate} data-why=${why}>
        <${Icon} name=${ICONS[why]} size=${14} /><b class="figures">${sitting?.number}</b> ${t(`attention.${why}`)}
        ${since && html` <span class="figures">${formatElapsed(now - Date.parse(since))}</span>`}
        ${others.map((one) => html`<span key=${one.why} class="also" title=${t(`attention.${one.why}`)} data-also=${one.why}><${Icon} name=${ICONS[one.why]} size=${14} /><span class="visually_hidden">, ${t(`attention.${one.why}`)}</span></span>`)}</button>`;
    })}
    ${list.length > MOST && html`<span class="soft small_text">${t("attention.more", { count: list.length - MOST })}</span>`}</div>`;
}
