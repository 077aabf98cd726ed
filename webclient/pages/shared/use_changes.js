// Hooks of pages that list rooms; apart from hooks.js, which the candidate's page loads too.
import { useEffect, useRef } from "preact/hooks";

import { whenChanged } from "../../lib/changes.js";

/** Load now, and again whenever something changed anywhere; for pages that look at many rooms. What resolves to false is
 *  loaded again. */
export function useChanges(api, load) {
  const newest = useRef();
  newest.current = load;
  useEffect(() => whenChanged(api, "/api/changes", () => newest.current()), [api]);
}

/** A load that never shows what is older than what is shown: an answer that comes after that of a later question is dropped.
 *  It settles once its own answer, or a newer one, was shown; `fail` is given the failure of one that nothing newer followed.
 *  Resolves to whether it was answered. */
export function useNewest(ask, show, fail) {
  const questions = useRef({ asked: 0, answered: 0 }).current;
  return async () => {
    const mine = (questions.asked += 1);
    const tell = (what, word) => {
      if (mine < questions.answered) return;
      questions.answered = mine;
      what(word);
    };
    try {
      const told = await ask();
      tell(show, told);
      return true;
    } catch (failure) {
      tell(fail, failure);
      return false;
    }
  };
}
