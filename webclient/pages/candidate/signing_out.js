// The sign-out of a candidate: what it leaves on this computer, and its words.
import { useEffect } from "preact/hooks";

import { html } from "../../lib/html.js";
import { SignOut } from "../../lib/sign_out.js";
import { EndsFirst as First, SigningOut as Over } from "../shared/signing_out.js";
import "./ending_texts.js";
import { forgetLeftovers } from "./entrance_memory.js";
import { forgetAllHere } from "./kept_here.js";
import { forgetIdentity, rememberedIdentity } from "./page_memory.js";

const out = new SignOut("candidate");

const leaves = (candidate, onHeard) => async () => {
  candidate.close();
  await candidate.forget();
  onHeard();
};

const attend = (candidate, onHeard) => {
  out.onHeard = leaves(candidate, onHeard);
  out.onLate = out.onBeside = () => candidate.link.stop("signed_out");
};

/** Sign out who is at this page; nothing is closed before the server has heard it. */
export function send(candidate, onHeard) {
  attend(candidate, onHeard);
  return out.send(candidate.identity.subject);
}

/** For a page that opens: end the session that an earlier one left, and leave this computer as that page would have. */
export async function finish() {
  const ended = await out.finish();
  if (!ended || ((await rememberedIdentity())?.subject ?? ended) !== ended) return; // somebody else is here by now
  forgetAllHere();
  await forgetLeftovers(false);
  await forgetIdentity();
}

export function SigningOut({ candidate, onHeard }) {
  useEffect(() => {
    attend(candidate, onHeard);
    return () => { out.onHeard = out.onLate = out.onBeside = null; };
  }, [candidate]);
  return html`<${Over} out=${out} group="candidate" />`;
}

export const EndsFirst = () => html`<${First} out=${out} group="candidate" />`;
