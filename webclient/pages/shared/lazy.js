// A part of a page whose modules come when it is needed, or a little before: `Part.load()` fetches them ahead.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";

const AGAIN_MS = 2000;

/** `load` imports the module that exports the component `name`. What fails, as without a network, is tried again. */
export function lazy(load, name) {
  let made = null;
  let loading = null;
  const fetched = async () => {
    while (!made) {
      try {
        made = (await load())[name];
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  };
  function Part(properties) {
    const [, drawn] = useState(false);
    const shown = made;
    useEffect(() => { // also if the modules came between this drawing and now
      if (!shown) void Part.load().then(() => drawn(true));
    }, []);
    return shown && html`<${shown} ...${properties} />`;
  }
  Part.load = () => (loading ??= fetched());
  return Part;
}
