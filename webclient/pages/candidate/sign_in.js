// Sign in with candidate number and exam code.
import { Api } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { signedIn } from "../../lib/to_sign_out.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";

export function SignIn({ onDone }) {
  const [run, busy, error] = useAct();
  const onSubmit = (event) => {
    event.preventDefault();
    const { number, code } = Object.fromEntries(new FormData(event.target));
    void run(async () => {
      await new Api("candidate").post("/api/sign-in/candidate", { number: number.trim(), code: code.trim() });
      signedIn("candidate");
      await onDone();
    });
  };
  return html`<form class="card stack loose" onSubmit=${onSubmit} data-testid="sign-in">
    <div><h1>${t("sign_in.candidate_title")}</h1><p class="soft">${t("sign_in.candidate_help")}</p></div>
    <div class="field"><label for="number">${t("sign_in.number")}</label>
      <input id="number" name="number" required autocomplete="username" autocapitalize="characters" spellcheck=${false} data-testid="sign-in-number" /></div>
    <div class="field"><label for="code">${t("sign_in.code")}</label>
      <input id="code" name="code" class="mono" required autocomplete="off" autocapitalize="characters" spellcheck=${false}
        placeholder="KQ7D-M2XP" aria-describedby="code_help" data-testid="sign-in-code" />
      <span class="help" id="code_help">${t("sign_in.code_help")}</span></div>
    <${ErrorNotice} error=${error} testid="sign-in-error" words=${error?.code === "wrong_credentials" && t("sign_in.wrong_candidate")} />
    ${error?.code === "wrong_credentials" && html`<p class="soft small_text" data-testid="sign-in-hint">${t("sign_in.reissued")}</p>`}
    <button class="primary large" disabled=${busy} data-testid="sign-in-submit">${t("sign_in.submit")}</button>
  </form>`;
}
