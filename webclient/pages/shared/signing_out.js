// What is said of a sign-out that the server has not heard (lib/sign_out.js): over the page whose session it is, and in the place
// of everything else on a page that finds one from before.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { stage } from "../../lib/to_sign_out.js";
import { Dialog } from "./dialog.js";
import { Notice } from "./notice.js";

// `group` of the words: "candidate" or "staff"; `where` of a page where nobody asked for it: "earlier", "beside".
const Said = ({ out, group, where }) => html`<${Notice} key=${stage.value} kind="low" icon=${stage.value === "unheard" ? "offline" : "info"} live testid="signing-out-said">
  <span>${t(`sign_out.${group}_${where === "earlier" && stage.value === "unheard" ? "earlier_unheard" : stage.value}`)}</span>${!out.mayStay && html`<span>${t(`sign_out.${group}_${where}`)}</span>`}<//>`;

const titleOf = (group) => t(`sign_out.${group}_title_${stage.value}`);

/** Over an open page. Whoever signed out in another tab may be gone: what staff see of others is covered until it is heard. */
export function SigningOut({ out, group }) {
  const stay = out.mayStay ? () => out.stay() : undefined;
  const actions = stay && html`<button onClick=${stay} data-testid="sign-out-stay">${t(`sign_out.${group}_stay`)}</button>`;
  return stage.value && html`<${Dialog} title=${titleOf(group)} onClose=${stay} actions=${actions} testid="signing-out">
    ${!stay && group === "staff" && html`<div class="covers_page" data-testid="signing-out-covers"></div>`}<${Said} out=${out} group=${group} where="beside" /><//>`;
}

/** Where nobody is shown: the session that is to end is another page's. */
export function EndsFirst({ out, group }) {
  return html`<section class="stack" data-testid="ends-first"><h1>${titleOf(group)}</h1><${Said} out=${out} group=${group} where="earlier" /></section>`;
}
