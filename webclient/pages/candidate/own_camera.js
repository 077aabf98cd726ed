// The candidate's own camera and microphone: opened and tried, sent to the room while it is to have them, let go when nobody
// sees this page any more. Who decides when that is, is the controller.
import { signal } from "@preact/signals";

import { Capture } from "../../lib/capture.js";
import { measureRoundTrip } from "../../lib/round_trip.js";

const AGAIN_MS = 2000;
let Publisher = null; // comes with the device check, after the first screen

async function loaded() {
  while (!Publisher) {
    try {
      ({ Publisher } = await import("../../lib/media.js"));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

export class OwnCamera {
  devices = signal(null); // {stream, camera, microphone, roundTripMs}; null while they are not open
  publishing = signal("off");
  publisher = null; // while picture and sound are sent

  #capture = new Capture();
  #checking = null;
  #room;
  #wanted = false; // to send picture and sound

  /** `room`: {request, epoch, doubt, onChecked}; `doubt()` hears while nothing comes from the server, `onChecked()` that
   *  the devices are open and were tried. */
  constructor(room) {
    this.#room = room;
    this.#capture.on("change", (state) => {
      const before = this.devices.value;
      this.devices.value = { roundTripMs: before?.roundTripMs, ...state };
      if (this.publisher && state.stream !== before?.stream) void this.publisher.replace(state.stream);
    });
  }

  /** Try camera and microphone; the result lands in `devices`. Who asks while they are tried waits for the same. */
  check() {
    this.#checking ??= this.#check().finally(() => { this.#checking = null; });
    return this.#checking;
  }

  async #check() {
    void loaded();
    await this.#capture.open();
    const roundTripMs = await measureRoundTrip(5).catch(() => null);
    if (!this.#capture.state) return; // let go meanwhile
    this.devices.value = { ...this.devices.value, roundTripMs };
    this.#room.onChecked();
  }

  /** A camera for pages is about to be opened, or was let go. Some systems take the recorded one away meanwhile. */
  pageCamera(open) {
    if (open) this.#capture.hold();
    else this.#capture.unhold();
  }

  /** Send picture and sound, if the devices are open; what is sent already goes on, or is mended. */
  publish() {
    if (this.publisher) return void this.publisher.look();
    if (!this.devices.value) return;
    this.#wanted = true;
    if (!Publisher) return void loaded().then(() => this.#wanted && this.publish());
    this.publisher = new Publisher({ request: this.#room.request, epoch: this.#room.epoch, stream: this.devices.value.stream });
    this.publisher.on("state", (state) => { this.publishing.value = state; });
    this.publisher.on("silent", () => this.#room.doubt());
    this.publisher.start();
  }

  stop() {
    this.#wanted = false;
    this.publisher?.close();
    this.publisher = null;
  }

  /** Shut camera and microphone until they are wanted again. */
  letGo() {
    this.stop();
    this.#capture.letGo();
    this.devices.value = null;
  }

  close() {
    this.stop();
    this.#capture.close();
  }
}
