// Whether a session is to end that the server still has open: what a page asks before it shows anything. See sign_out.js.
import { signal } from "@preact/signals";

import { forget, recall } from "./memory.js";

/** Where this computer remembers it, until the server has heard it. */
export const keyOf = (role) => `signing_out/${role}`;

/** The sign-out of this page: null for none; "sending"; "unheard": the server cannot be reached. */
export const stage = signal(null);

/** Whether somebody stayed after a sign-out had been sent, and the server has not said that this came in time: if the session has
 *  ended, that is why. */
export const stayed = signal(false);

export const isToSignOut = (role) => recall(keyOf(role)) !== null;

/** Somebody signed in with this role: what was to end has ended with that, as a browser holds one session of each role. */
export const signedIn = (role) => {
  stayed.value = false;
  forget(keyOf(role));
};
