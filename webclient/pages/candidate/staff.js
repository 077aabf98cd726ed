// What a candidate and the staff of the room say to each other: messages, briefings, further material, the two lists at the end.
// What was seen is told to the server until it knows.
import { signal } from "@preact/signals";

import { keptHere } from "./kept_here.js";

export class Staff {
  messages = signal([]);
  seen = signal([]);
  materials = signal([]);
  lists = signal(null);

  #candidate;
  #link;
  #told = new Set(); // messages that the server knows to be seen

  constructor(candidate) {
    const { identity: { room, subject }, link } = candidate;
    this.#candidate = candidate;
    this.#link = link;
    this.unsent = keptHere(`${room}/${subject}/unsent`, ""); // what is being written to them
    link.on("message", (message) => { this.messages.value = [...this.messages.value, message]; });
    link.on("material", (material) => { this.materials.value = [...this.materials.value, material]; });
    link.on("lists", (lists) => { this.lists.value = lists; });
  }

  /** What this computer remembers of it. */
  get memory() {
    return { seen: this.seen.value, told: [...this.#told] };
  }

  recall({ seen, told }) {
    this.seen.value = seen;
    this.#told = new Set(told ?? seen);
  }

  /** At a new connection: what there is by now. What was seen without a connection is told. */
  meet({ messages, materials, lists }) {
    this.messages.value = messages ?? [];
    this.materials.value = materials ?? [];
    this.lists.value = lists ?? this.lists.value;
    const untold = this.messages.value.filter(({ message }) => this.seen.value.includes(message) && !this.#told.has(message));
    for (const { message } of untold) this.#tellSeen(message).catch(() => {}); // at the next connection
  }

  hand(up) {
    return this.#link.request(up ? "raise_hand" : "lower_hand");
  }

  write(text) {
    return this.#link.request("write_message", { text });
  }

  async markSeen(message) {
    this.seen.value = [...this.seen.value, message];
    await this.#candidate.memory.write();
    await this.#tellSeen(message);
  }

  async #tellSeen(message) {
    await this.#link.request("message_seen", { message });
    this.#told.add(message);
    await this.#candidate.memory.write();
  }

  readBriefing(topic) {
    return this.#link.request("read_briefing", { topic });
  }

  receiveMaterial(material) {
    return this.#link.request("material_received", { material });
  }

  materialLink(material) {
    return this.#link.api.link(`${this.#link.path}/materials/${material}`);
  }

  sawLists(version) {
    const { connection, sitting } = this.#candidate;
    const { state, refusal } = connection.value;
    if ((sitting.value?.lists_seen ?? 0) >= version) return;
    if (state === "connected") this.#link.request("closing_seen", { version }).catch(() => {}); // told again at the next connection
    else if (refusal?.code === "room_ended") this.#link.api.post(`${this.#link.path}/result/seen`, { version }).catch(() => {});
  }
}
