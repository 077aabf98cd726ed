// A submission that goes out, and is asked after until it is known what became of it.
//
// It may have arrived though its answer never does: the network went away, or the server stands still for a while. The same
// submission sent again tells: the server answers with the receipt where it has it. A later connection has an epoch of its own,
// and of an earlier one the server takes nothing any more, so that nothing is handed in behind the back of whoever is told that it
// was not.
import { ApiError } from "../../lib/api.js";

const AGAIN_MS = 2000;
const ENDED = ["superseded", "declined", "refused", "idle"]; // nothing is asked from this page any more

// Resolves once the page is connected; who has to sign in again is waited for.
const connected = (link) => new Promise((done, failed) => {
  let stop = () => {};
  const look = ({ state, refusal }) => {
    if (state !== "connected" && !ENDED.includes(state)) return false;
    stop();
    if (state === "connected") done();
    else failed(refusal ?? new ApiError({ code: "superseded" }));
    return true;
  };
  if (!look(link)) stop = link.on("state", look);
});

/** Send `submission` over `link` and resolve to its receipt. Throws what the server refused it for, and `network` only where
 *  nothing went out. `onOpen()`: no answer came to what went out. */
export async function deliver(link, submission, onOpen) {
  let isOut = false;
  for (;;) {
    try {
      return await link.request("submit", { epoch: link.joined?.epoch, ...submission });
    } catch (error) {
      isOut ||= !error.details?.unsent;
      if (!error.isNetwork || !isOut) throw error;
    }
    onOpen();
    await new Promise((done) => setTimeout(done, AGAIN_MS));
    await connected(link);
  }
}
