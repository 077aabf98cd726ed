// The session ended while the page was open. Who still has something to do is asked to sign in before anything else. Where nothing
// is left but to read, a receipt or the lists, no dialog lies over it: it is said there, with a way to sign in.
//
// Whoever signs in as somebody else gets that person's page, and who was moved meanwhile the page of the new room.
import { useState } from "preact/hooks";

import { Api, speakFor } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { stayed } from "../../lib/to_sign_out.js";
import { Dialog } from "../shared/dialog.js";
import { Notice } from "../shared/notice.js";
import "./ending_texts.js";
import { notTaken } from "./hand_over.js";
import { SignIn } from "./sign_in.js";

// At a receipt: what this page sends once its candidate has signed in again, `{text, files}` as `staysHere` counts; null if nothing.
// A room that has ended takes nothing more.
function waiting(candidate) {
  const receipt = candidate.receipt.value;
  const stays = candidate.submitted && receipt && candidate.room.value?.phase !== "ended" && candidate.staysHere();
  if (!stays) return null;
  const text = notTaken.value === candidate.work.answer.value.text ? 0 : stays.text;
  const files = receipt.awaited?.length ? stays.files : 0;
  return text + files > 0 ? { text, files } : null;
}

/** `reads`: nothing is left to do on this page but to read; `onOther()`: somebody else signed in. */
export function SignedOut({ candidate, reads, onOther }) {
  const [asking, setAsking] = useState(!reads);
  const onDone = async () => {
    const { subject, room } = await new Api("candidate").me();
    speakFor("candidate", subject);
    if (subject === candidate.identity.subject && room === candidate.identity.room) return candidate.signedInAgain();
    candidate.close();
    return onOther();
  };
  const waits = reads && waiting(candidate);
  const words = t(!reads ? (stayed.value ? "sign_out.candidate_late" : "sign_in.again_help") : waits ? "sign_in.again_waits"
    : candidate.isHandedIn ? (stayed.value ? "sign_out.candidate_late_handed_in" : "sign_in.again_handed_in") : "sign_in.again_over");
  const dialog = asking && html`<${Dialog} title=${t("sign_in.again_title")} uninvited=${!reads} onClose=${reads ? () => setAsking(false) : undefined} testid="sign-in-again"
    actions=${reads && html`<button onClick=${() => setAsking(false)}>${t("common.close")}</button>`}><p>${words}</p><${SignIn} onDone=${onDone} /><//>`;
  if (!reads) return dialog;
  return html`<${Notice} kind="low" live testid="signed-out"><strong>${t("sign_in.again_title")}</strong><span>${words}</span>
    ${waits && html`<ul>${waits.text > 0 && html`<li>${t("leave.text", { count: waits.text })}</li>`}${waits.files > 0 && html`<li>${t("leave.files", { count: waits.files })}</li>`}</ul>`}
    <div><button onClick=${() => setAsking(true)} data-testid="sign-in-open">${t("sign_in.again")}</button></div><//>${dialog}`;
}
