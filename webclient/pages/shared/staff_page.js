// The frame of a page for staff: asks who is signed in with this role, shows the sign-in form or the page itself.
import { useEffect, useState } from "preact/hooks";

import { Api, sessions, speakFor } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { addTexts, t } from "../../lib/i18n.js";
import { measureRoundTrip } from "../../lib/round_trip.js";
import { SignOut } from "../../lib/sign_out.js";
import { signedIn, stage, stayed } from "../../lib/to_sign_out.js";
import { useAct } from "./hooks.js";
import { ErrorNotice, Notice } from "./notice.js";
import "./own_words.js";
import { EndsFirst, SigningOut } from "./signing_out.js";
import { TopBar } from "./top_bar.js";

const CLOCK_EVERY_MS = 5000;

await addTexts({ vi: () => import("../../lang/staff_vi.js"), en: () => import("../../lang/staff_en.js") });

/** `Page` gets who is signed in (`me`), `refresh()`, which asks that anew, and as `failure` why that was not answered last. */
export function StaffPage({ role, Page }) {
  const [me, setMe] = useState(undefined); // undefined: asking, null: signed out
  const [ended, setEnded] = useState(false); // the session, while the page was open
  const [error, setError] = useState(null);
  const [out] = useState(() => new SignOut(role));
  const failed = (failure) => {
    if (failure.code === "not_signed_in") setMe(null);
    else setError(failure);
  };
  const ask = async () => {
    setError(null);
    await out.finish();
    try {
      const told = await new Api(role).me();
      speakFor(role, told.subject);
      await measureRoundTrip(); // before the first drawing, which shows the time
      setMe(told);
      setEnded(false);
      await measureRoundTrip(2);
    } catch (failure) {
      failed(failure);
    }
  };
  const refresh = () => new Api(role).get("/api/me").then((told) => {
    setMe(told);
    setError(null);
  }, (failure) => {
    failed(failure);
    return false; // to be asked again
  });
  useEffect(() => void ask(), []);
  useEffect(() => sessions.on("signed_out", (whose) => {
    if (whose !== role || !me || stage.value) return; // what ends it here is answered
    setMe(null);
    setEnded(true);
  }), [me]);
  useEffect(() => { // the server's clock counts, not this computer's, which may be set, slow or asleep meanwhile
    if (!me) return undefined;
    const timer = setInterval(() => document.hidden || void measureRoundTrip().catch(() => {}), CLOCK_EVERY_MS); // pages work without
    return () => clearInterval(timer);
  }, [Boolean(me)]);
  out.onHeard = me && (() => {
    setError(null);
    setMe(null);
  });
  out.onBeside = me && (() => {
    setMe(null);
    setEnded(true);
  });
  if (me) return html`<${Page} me=${me} onSignOut=${() => void out.send(me.subject)} refresh=${refresh} failure=${error} /><${SigningOut} out=${out} group="staff" />`;
  if (stage.value) return html`<${TopBar} /><main class="narrow stack loose"><${EndsFirst} out=${out} group="staff" /></main>`;
  return html`<${TopBar} /><main class="narrow stack loose">
    ${error && html`<${ErrorNotice} error=${error} /><button onClick=${ask}>${t("common.try_again")}</button>`}
    ${ended && html`<${Notice} kind="low" live testid="signed-out">${t(stayed.value ? "sign_out.staff_late" : "sign_in.signed_out")}<//>`}
    ${me === null && html`<${SignIn} role=${role} onDone=${ask} />`}
  </main>`;
}

function SignIn({ role, onDone }) {
  const [run, busy, error] = useAct();
  const onSubmit = (event) => {
    event.preventDefault();
    const { name, password } = Object.fromEntries(new FormData(event.target));
    void run(async () => {
      await new Api(role).post("/api/sign-in/staff", { role, name: name.trim(), password });
      signedIn(role);
      await onDone();
    });
  };
  return html`<form class="card stack loose" onSubmit=${onSubmit} data-testid="sign-in">
    <div><h1>${t(`role.${role}`)}</h1><p class="soft">${t("sign_in.staff_help")}</p></div>
    <div class="field"><label for="name">${t("sign_in.name")}</label>
      <input id="name" name="name" required autocomplete="username" autocapitalize="none" spellcheck=${false} data-testid="sign-in-name" /></div>
    <div class="field"><label for="password">${t("sign_in.password")}</label>
      <input id="password" name="password" type="password" required autocomplete="current-password" data-testid="sign-in-password" /></div>
    <${ErrorNotice} error=${error} testid="sign-in-error" words=${error?.code === "wrong_credentials" && t("sign_in.wrong_staff", { role: t(`role.${role}`) })} />
    <button class="primary large" disabled=${busy} data-testid="sign-in-submit">${t("sign_in.submit")}</button>
  </form>`;
}
