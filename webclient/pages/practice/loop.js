// Picture and sound to the media server and back, as in an exam: by the same two connections, over the same port.
//
// `state` is one of: off, trying, good, weak (too little or too lossy), blocked (nothing arrives there), full (no place
// now), over (its time has passed). `figures` are the server's, `stream` what came back.
import { signal } from "@preact/signals";

import { Api, ApiError } from "../../lib/api.js";
import { Publisher, Wall } from "../../lib/media.js";

const ASK_EVERY_MS = 1500;
const BLOCKED_AFTER_MS = 14_000;
const RAMP_MS = 6000; // a browser finds its rate within seconds; until then little is no sign of a bad network
const WEAK_BELOW_KBPS = 80;
const LOSSY_ABOVE = 0.08;

/** What the figures mean; pure. `sinceMs`: since sending began; `back`: whether a picture has come back. */
export function verdict({ media, kbps, loss }, sinceMs, back) {
  if (media !== "connected" || !back) return sinceMs > BLOCKED_AFTER_MS ? "blocked" : "trying";
  if (sinceMs < RAMP_MS) return "trying";
  const picture = Math.max(kbps.h ?? 0, kbps.l ?? 0);
  return picture < WEAK_BELOW_KBPS || loss > LOSSY_ABOVE ? "weak" : "good";
}

export class Loop {
  state = signal("off");
  figures = signal(null);
  publishing = signal("off");
  stream = signal(null);
  back = signal(false);
  refusal = signal(null);
  #api = new Api("");
  #path = "";
  #relays = {}; // as `ice_servers` answers in a room
  #publisher = null;
  #wall = null;
  #timer = 0;
  #began = 0;

  // What pages of a room ask the room for.
  #ask = async (name, payload) => {
    if (name === "ice_servers") return this.#relays;
    if (name === "show") return {};
    if (payload.restarts) throw new ApiError({ code: "not_found" }); // a practice begins anew
    return this.#api.post(`${this.#path}/${name}`, payload.sdp ? { sdp: payload.sdp } : {});
  };

  /** Begin, or begin anew. */
  async start(stream) {
    this.stop();
    this.state.value = "trying";
    this.refusal.value = null;
    try {
      const { practice, ice_servers } = await this.#api.post("/api/practice");
      this.#path = `/api/practice/${practice}`;
      this.#relays = { ice_servers };
    } catch (error) {
      this.refusal.value = error;
      this.state.value = ["practice_full", "too_fast"].includes(error.code) ? "full" : "blocked";
      return;
    }
    this.#began = performance.now();
    this.#publisher = new Publisher({ request: this.#ask, epoch: () => 0, stream });
    this.#publisher.on("state", (state) => { this.publishing.value = state; });
    this.#publisher.start();
    // The server puts one's own picture into the slot by itself; there is nothing to choose.
    this.#wall = new Wall({ request: this.#ask });
    this.#wall.start(0).then(() => { this.stream.value = this.#wall?.streams.get("focus") ?? null; });
    this.#timer = setInterval(() => void this.#look(), ASK_EVERY_MS);
  }

  /** A picture of what came back was drawn. */
  cameBack() {
    this.back.value = true;
  }

  /** The camera was opened anew. */
  replace(stream) {
    void this.#publisher?.replace(stream);
  }

  stop(state = "off") {
    clearInterval(this.#timer);
    this.#publisher?.close();
    this.#wall?.close();
    this.#publisher = this.#wall = null;
    if (this.#path) fetch(this.#path, { method: "DELETE", keepalive: true }).catch(() => {}); // it ends by itself, too
    this.#path = "";
    this.stream.value = null;
    this.back.value = false;
    this.state.value = state;
  }

  async #look() {
    try {
      this.figures.value = await this.#api.get(this.#path);
      this.state.value = verdict(this.figures.value, performance.now() - this.#began, this.back.value);
    } catch (error) {
      if (error.code === "not_found") this.stop("over");
      else if (error.isNetwork) this.state.value = "blocked";
    }
  }
}
