// A hook of pages that list rooms; apart from hooks.js, which the candidate's page loads too.
import { useEffect, useRef } from "preact/hooks";

import { whenChanged } from "../../lib/changes.js";

/** Load now, and again whenever something changed anywhere; for pages that look at many rooms. */
export function useChanges(api, load) {
  const newest = useRef();
  newest.current = load;
  useEffect(() => whenChanged(api, "/api/changes", () => newest.current()), [api]);
}
