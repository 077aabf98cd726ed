// The front door: choose a role, or come in by a sign-in link (`/#link=TOKEN`).
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Api } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { isToSignOut, signedIn } from "../../lib/to_sign_out.js";
import { InApp } from "../candidate/in_app.js";
import { PracticeLink } from "../candidate/practice_link.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";
import { TopBar } from "../shared/top_bar.js";

const PAGES = {
  candidate: "/candidate", invigilator: "/invigilator", supervisor: "/supervisor", inspector: "/inspector", tech_support: "/tech_support",
  training_office: "/office", it_unit: "/it_unit", unit_head: "/unit_head",
};
const ICONS = {
  candidate: "paper", invigilator: "eye", supervisor: "person", inspector: "search", tech_support: "network", training_office: "folder", it_unit: "speaker", unit_head: "check",
};

// What an earlier page could not tell the server. The candidates' page does so itself: it has to tidy up as well.
async function tellSignOuts() {
  const roles = Object.keys(PAGES).filter((role) => role !== "candidate" && isToSignOut(role));
  if (roles.length === 0) return;
  const { SignOut } = await import("../../lib/sign_out.js").catch(() => ({})); // no network: the next page that opens does it
  if (SignOut) for (const role of roles) void new SignOut(role).finish();
}

function Front() {
  const [error, setError] = useState(null);
  const [entering, setEntering] = useState(false);
  useEffect(() => void tellSignOuts(), []);
  useEffect(() => {
    const token = new URLSearchParams(location.hash.slice(1)).get("link");
    if (!token) return;
    history.replaceState(null, "", "/"); // the token must not stay in the address bar
    setEntering(true);
    new Api("").post("/api/sign-in/link", { token })
      .then(({ role }) => {
        signedIn(role);
        location.replace(PAGES[role]);
      })
      .catch((failure) => {
        setError(failure);
        setEntering(false);
      });
  }, []);
  return html`<${TopBar} /><main class="page stack loose">
    <div><h1>${t("index.title")}</h1><p class="soft">${entering ? t("index.entering") : t("index.help")}</p></div>
    <${ErrorNotice} error=${error} words=${error?.code === "wrong_credentials" && t("index.wrong_link")} />
    <nav class="roles" aria-label=${t("index.title")}>${Object.entries(PAGES).map(([role, page]) => html`
      <a class="card" href=${page} data-testid=${`role-${role}`}><${Icon} name=${ICONS[role]} size=${28} />
        <h2>${t(`role.${role}`)}</h2><span class="soft small_text">${t(`index.${role}`)}</span></a>`)}</nav>
    <${PracticeLink} />
  </main>`;
}

render(html`<${InApp}><${Front} /><//>`, document.getElementById("app"));
