// The two lists published at the end of an exam (A14.2dd): who did not submit, who broke the rules; names and nothing else.
// That somebody saw them is said once they were on the screen of a page that is looked at, or the keyboard came to them.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";

// Half of it, or where it is taller than the screen, half of what there is to look at.
const isSeen = ({ isIntersecting, intersectionRect, boundingClientRect, rootBounds }) => isIntersecting
  && intersectionRect.height >= Math.min(boundingClientRect.height, rootBounds.height) / 2;
const STEPS = Array.from({ length: 21 }, (_, step) => step / 20); // of the part that is in sight: it is looked at anew at each

/** Calls `onSeen` when `part` has been on the screen, for each `version` of it anew. */
function useSeen(part, version, onSeen) {
  useEffect(() => {
    if (!version) return undefined;
    let inSight = false;
    const look = () => inSight && !document.hidden && onSeen(version);
    const observer = new IntersectionObserver((entries) => {
      inSight = isSeen(entries.at(-1));
      look();
    }, { threshold: STEPS });
    observer.observe(part.current);
    document.addEventListener("visibilitychange", look);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
    };
  }, [version]);
}

export function ClosingLists({ candidate }) {
  const lists = candidate.staff.lists.value;
  const part = useRef();
  const [seen, setSeen] = useState(0); // the version
  useSeen(part, lists?.version, setSeen);
  useEffect(() => {
    if (seen) candidate.staff.sawLists(seen);
  }, [seen, candidate.connection.value.state]);
  if (!lists) return null;
  const names = (list) => (list.length ? html`<ul>${list.map((name) => html`<li>${name}</li>`)}</ul>` : html`<p class="soft">${t("lists.nobody")}</p>`);
  return html`<section ref=${part} class="card stack" tabindex="0" onFocusIn=${() => !document.hidden && setSeen(lists.version)} aria-labelledby="lists_title" data-testid="closing-lists" data-version=${lists.version}>
    <div class="row between"><h2 id="lists_title">${t("lists.title")}</h2><span class="soft small_text figures">${t("lists.version", { version: lists.version, time: formatClock(lists.at) })}</span></div>
    <div><h3>${t("lists.did_not_submit")}</h3>${names(lists.did_not_submit)}</div>
    <div><h3>${t("lists.violated")}</h3>${names(lists.violated)}</div></section>`;
}
