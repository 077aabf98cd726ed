// One person's connection to one exam room.
//
// join (HTTP) -> ticket -> socket -> welcome, for ever: whatever breaks, the loop starts again after 0.3 to 2
// seconds. A refusal that time heals (`gate_closed`, `waiting_for_invigilator`) is asked again every few seconds;
// one that time does not heal ends the loop and says so. A half-dead socket is found by unanswered clock
// exchanges, since TCP alone may take minutes to notice; sooner while media is silent too (`doubt`).
//
//   idle -> joining -> connected -> lost -> joining ...
//               \-> waiting (healed by time)   \-> superseded, declined, signed_out, refused (ended until start() is called again)

import { io } from "socket.io-client";

import { ApiError, Api, reachable, sessions } from "./api.js";
import { Emitter } from "./emitter.js";
import { measureRoundTrip } from "./round_trip.js";
import { monotonicMs, serverClock } from "./time.js";

const BACK_OFF_MS = [300, 600, 1200, 2000];
const ASK_AGAIN_MS = 3000;
const CLOCK_EVERY_MS = 1000; // by this the server knows when it last heard of the page
const CLOCK_TIMEOUT_MS = 4000;
const DOUBT_MS = 1200; // for which an exchange is waited for while there is other reason to think that the network is gone
const REQUEST_TIMEOUT_MS = 10000;
const CONNECT_TIMEOUT_MS = 5000;
const HEALED_BY_TIME = new Set(["waiting_for_invigilator", "gate_closed", "not_published", "closing", "internal", "too_many_tries"]);
const FROM_SERVER = [
  "welcome", "room", "sitting", "me", "paper_key", "message", "violation", "note", "staff", "material", "lists", "vitals", "showing", "thinned", "diagnose", "diagnosis", "receipt", "words_left",
];

export class RoomConnection extends Emitter {
  #api;
  #room;
  #socket = null;
  #running = 0; // counts starts; a loop of an earlier start sees that it is stale and stops
  #wake = () => {};
  #giveUp = () => {}; // the socket, if it is silent

  state = "idle";
  refusal = null; // the ApiError that a waiting or refused state stands for
  joined = null; // the last answer of join
  resumes = false; // this page had the place: it asks for it no more once another device has it
  askFirst = null; // awaited once before the first join; it may stop the connection

  constructor(role, room) {
    super();
    this.#api = new Api(role);
    this.#room = room;
    this.role = role;
  }

  /** Api bound to the server that holds the room. */
  get api() {
    return new Api(this.role, this.joined?.room_url ?? "");
  }

  get path() {
    return `/api/rooms/${this.#room}`;
  }

  start() {
    const run = ++this.#running;
    addEventListener("offline", this.#drop);
    addEventListener("online", this.#hurry);
    void this.#loop(run);
  }

  stop(state = "idle", refusal = null) {
    this.#running += 1;
    removeEventListener("offline", this.#drop);
    removeEventListener("online", this.#hurry);
    this.#socket?.disconnect();
    this.#socket = null;
    this.#wake();
    this.#set(state, refusal);
  }

  /** Send one message and wait for its acknowledgement. Throws ApiError: the server's, `network` or `timeout`; with
   *  `details.unsent` where nothing went out, so that it cannot have arrived. */
  async request(name, payload = {}, timeoutMs = REQUEST_TIMEOUT_MS) {
    const socket = this.#socket;
    if (!socket?.connected) throw new ApiError({ code: "network", details: { unsent: true } });
    const told = this.role === "candidate" ? { ...payload, client_time: new Date().toISOString() } : payload; // by the computer's own clock
    let answer;
    try {
      answer = await socket.timeout(timeoutMs).emitWithAck(name, told);
    } catch {
      throw new ApiError({ code: socket.connected ? "timeout" : "network" });
    }
    if (answer?.error) throw new ApiError(answer.error);
    return answer;
  }

  /** Nothing comes from the server by another way either, and goes on so: if the socket is silent too, it is given up. */
  doubt() {
    this.#giveUp();
  }

  #drop = () => this.#socket?.disconnect();
  #hurry = () => this.#wake();

  async #loop(run) {
    let failures = 0;
    while (run === this.#running) {
      if (this.state !== "waiting") this.#set(this.joined ? "lost" : "joining");
      try {
        await this.askFirst?.();
        this.askFirst = null;
        if (run !== this.#running) return;
        const joined = await this.#api.post(`${this.path}/join`, this.resumes ? { resumes: true } : {});
        if (run !== this.#running) return;
        this.joined = joined;
        await this.#session(run, () => { failures = 0; });
      } catch (error) {
        if (run !== this.#running) return;
        if (error instanceof ApiError && !error.isNetwork) {
          if (!HEALED_BY_TIME.has(error.code)) return this.#refuse(error);
          this.#set("waiting", error);
          await measureRoundTrip().catch(() => {}); // no socket keeps the clock meanwhile; a failure shows at the next join
          await this.#pause(ASK_AGAIN_MS);
          continue;
        }
        if (!(error instanceof ApiError)) throw error;
        if (this.state === "waiting") this.#set("lost");
      }
      await this.#pause(BACK_OFF_MS[Math.min(failures++, BACK_OFF_MS.length - 1)]);
    }
  }

  // One socket from connect to loss. Resolves at the loss, rejects when the server refuses the ticket.
  #session(run, onWelcome) {
    return new Promise((resolve, reject) => {
      const { room_url, socket_path, ticket } = this.joined;
      const socket = io(room_url, {
        path: socket_path, transports: ["websocket"], auth: { ticket },
        reconnection: false, forceNew: true, timeout: CONNECT_TIMEOUT_MS,
      });
      this.#socket = socket;
      let clock = 0;
      const unanswered = new Set(); // moments at which exchanges began
      this.#giveUp = () => unanswered.size && monotonicMs() - Math.min(...unanswered) > DOUBT_MS && end(resolve);
      const end = (settle) => {
        clearInterval(clock);
        this.#giveUp = () => {};
        socket.removeAllListeners();
        socket.disconnect();
        if (this.#socket === socket) this.#socket = null;
        settle();
      };
      for (const name of FROM_SERVER) {
        socket.on(name, (payload) => {
          if (run !== this.#running) return;
          if (name === "welcome") {
            onWelcome();
            this.#set("connected");
            reachable.emit("reached");
          }
          this.emit(name, payload);
        });
      }
      socket.on("superseded", () => run === this.#running && this.stop("superseded"));
      socket.on("declined", ({ reason }) => run === this.#running && this.stop("declined", new ApiError({ code: "declined", details: { reason } })));
      socket.on("signed_out", ({ error }) => {
        if (run !== this.#running) return;
        this.#refuse(new ApiError(error));
        sessions.emit("signed_out", this.role);
      });
      socket.on("rejoin", () => end(resolve)); // admitted at this device: the next join brings draft and paper
      socket.on("connect", () => {
        serverClock.forget();
        const measure = () => {
          const began = monotonicMs();
          unanswered.add(began);
          return this.#measureClock(socket).then(() => unanswered.delete(began), () => end(resolve));
        };
        void measure();
        clock = setInterval(measure, CLOCK_EVERY_MS);
      });
      socket.on("connect_error", (error) => {
        const refusal = error.data?.code ? error.data : error.data?.error;
        // A ticket that ran out between join and connect is only late; the next join brings a new one.
        end(() => (refusal && !["not_signed_in", "wrong_credentials"].includes(refusal.code)
          ? reject(new ApiError(refusal)) : resolve()));
      });
      socket.on("disconnect", () => end(resolve));
    });
  }

  async #measureClock(socket) {
    const sent = monotonicMs();
    const answer = await socket.timeout(CLOCK_TIMEOUT_MS).emitWithAck("ping_clock", { client_time: sent });
    if (!answer.server_time) return;
    serverClock.sample(sent, answer.server_time, monotonicMs());
    this.emit("clock");
  }

  #refuse(error) {
    this.stop({ superseded: "superseded", not_signed_in: "signed_out" }[error.code] ?? "refused", error);
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #set(state, refusal = null) {
    if (state === this.state && refusal?.code === this.refusal?.code) return;
    this.state = state;
    this.refusal = refusal;
    this.emit("state", { state, refusal });
  }
}
