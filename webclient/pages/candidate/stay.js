// Nobody leaves the room by accident: while the exam runs, Back asks first, and so does the browser before it closes the tab.
//
// Back is caught by an entry of the history above the page's own. The browser's own question, which it also puts before
// a reload, has no words of ours; a page that has crashed is loaded again without it. The work is safe in any case.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";

const HERE = "exam"; // marks the entry above the page's own; it outlives a reload

export function Stay({ candidate }) {
  const [asking, setAsking] = useState(false);
  const leaving = useRef(false);
  const { state } = candidate.connection.value;
  const free = ["superseded", "signed_out", "refused"].includes(state) || (candidate.work.readOnly.value === "after_submit_by" && !candidate.work.sentAt)
    || candidate.room.value.called_off || candidate.practice;
  useEffect(() => {
    if (free) return undefined;
    leaving.current = false;
    if (history.state !== HERE) history.pushState(HERE, "");
    const onBack = () => {
      if (leaving.current || history.state === HERE) return;
      history.forward();
      setAsking(true);
    };
    const onUnload = (event) => {
      if (leaving.current) return;
      event.preventDefault();
      event.returnValue = true; // Chrome before 119 asks for this alone
    };
    addEventListener("popstate", onBack);
    addEventListener("beforeunload", onUnload);
    return () => {
      removeEventListener("popstate", onBack);
      removeEventListener("beforeunload", onUnload);
      setAsking(false);
      if (history.state === HERE) history.back(); // one Back is enough again
    };
  }, [Boolean(free)]);
  const leave = () => {
    leaving.current = true;
    location.assign("/"); // what lies before the page may be nothing
  };
  const actions = html`<button onClick=${leave} data-testid="stay-leave">${t("stay.leave")}</button>
    <button class="primary" autofocus onClick=${() => setAsking(false)} data-testid="stay">${t("stay.stay")}</button>`;
  return asking && html`<${Dialog} title=${t("stay.title")} onClose=${() => setAsking(false)} actions=${actions} testid="stay-dialog"><p>${t("stay.help")}</p><//>`;
}
