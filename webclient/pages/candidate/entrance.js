// The way into the lobby: the devices as they were found (A24.1.1), consent and rules (A24.2), photographs of face and card.
// All of it may be done before the room is open; it is sent once it is. In an open room each part is sent as soon as it was
// given. A page that is loaded again asks for the rest alone: what the server does not have yet is kept on this computer until
// it has (entrance_memory.js).
import { computed, signal } from "@preact/signals";

import { environment } from "../../lib/device.js";
import { language } from "../../lib/i18n.js";
import { CONSENT_VERSION, RULES_VERSION, agreements } from "./agreements.js";
import { EntranceMemory } from "./entrance_memory.js";

export const PHOTOS = ["face", "card"];
const AGREED = `${CONSENT_VERSION} ${RULES_VERSION}`; // to other texts one has to agree anew

export class Entrance {
  checked = signal(false);
  consented = signal(false);
  photos = signal({}); // taken on this page: subject -> Blob
  dim = signal(null); // what the server measured of the newest photograph: {dark, blurred}
  shots = new Map(); // of photographs that were asked for again: subject -> Blob, taken and not sent yet
  #putOff = signal([]); // of what was asked for again: keys
  allPhotographed = computed(() => PHOTOS.every((subject) => this.photographed(subject)));

  #candidate;
  #memory = null;
  #isClosed = false;
  #level; // the loudest sound of the microphone, 0 to 1
  #toneHeard; // whether the tone of the loudspeaker was heard
  #sent = new WeakMap(); // photograph -> the joining in which it went
  #agreed = null; // to which texts, as they were read when the candidate agreed
  #agreedOn = null; // the joining in which the server was told
  #reportedOn = null; // the joining for which the devices were reported
  #sending = Promise.resolve(); // one after the other, within one joining
  #sendingOn = null;
  #still = null; // of the device check, not yet with the server

  /** `candidate`: the page's controller, whose connection, sitting and devices are read. */
  constructor(candidate) {
    this.#candidate = candidate;
  }

  get prepared() {
    return this.checked.value && this.consented.value;
  }

  /** Whether a photograph of `subject` was taken here, or is with the server. */
  photographed(subject) {
    return Boolean(this.photos.value[subject] ?? this.#candidate.sitting.value?.photos?.[subject]);
  }

  /** The candidate has seen what works. */
  confirmDevices(level, toneHeard) {
    this.#level = level;
    this.#toneHeard = toneHeard;
    this.checked.value = true;
    this.#candidate.devicesChecked();
    void this.#keepStill().then(() => this.enterWhenReady()); // it may have been made anew, when all else was done
  }

  /** After a reload: go on with what this computer kept, if the devices still open. */
  async restore() {
    const { room, subject } = this.#candidate.identity;
    this.#memory = new EntranceMemory(this.#candidate.store, `${room}/${subject}`);
    const kept = await this.#memory.read();
    if (!kept) return;
    this.#level = kept.level;
    this.#toneHeard = kept.toneHeard;
    this.#still ??= kept.still;
    this.photos.value = { ...kept.photos, ...this.photos.value };
    if (!(await this.#candidate.devicesServe())) return;
    this.checked.value = true;
    this.#candidate.devicesChecked();
    if (kept.agreed === AGREED) {
      this.consented.value = true;
      this.#agreed ??= kept.texts ?? null;
    }
    await this.enterWhenReady();
  }

  /** After a reload, by the server's word: the check and the consent of before stand, if the devices still open. */
  async resume(sitting) {
    if (!(await this.#candidate.devicesServe())) return;
    this.#level ??= sitting.device?.microphone?.level; // this device's: what another one's page undoes there is known here
    this.#toneHeard ??= sitting.device?.speaker?.ok;
    this.checked.value = true;
    this.consented.value ||= Boolean(sitting.rules_accepted_at);
  }

  /** Keep nothing on this computer. */
  async forget() {
    await this.#memory?.forget();
  }

  /** The candidate leaves: what is still under way ends with what was sent, and keeps nothing. */
  close() {
    this.#isClosed = true;
    this.#memory?.close();
  }

  /** The candidate agreed to the recording and accepted the rules. */
  async agree() {
    this.#agreed = await agreements();
    this.consented.value = true;
    await this.#keep();
    await this.enter();
  }

  /** A photograph for the lobby; sent as soon as the room is open. */
  async keepPhoto(subject, blob) {
    this.photos.value = { ...this.photos.value, [subject]: blob };
    await this.#keep();
    await this.enter();
  }

  /** What was asked for again is `[subject, words]`. Put off, it waits on the page until it is taken up, or asked anew in other words. */
  putOff(asked) {
    this.#putOff.value = [...this.#putOff.value, String(asked)];
  }

  isPutOff(asked) {
    return this.#putOff.value.includes(String(asked));
  }

  takeUp(asked) {
    this.#putOff.value = this.#putOff.value.filter((one) => one !== String(asked));
  }

  /** Forget what is not asked for any more, so that the same can be asked again. */
  nowAsked(asked = {}) {
    const keys = Object.entries(asked).map(String);
    for (const subject of this.shots.keys()) if (!(subject in asked)) this.shots.delete(subject);
    if (this.#putOff.value.some((one) => !keys.includes(one))) this.#putOff.value = this.#putOff.value.filter((one) => keys.includes(one));
  }

  /** A photograph that was asked for. */
  async sendPhoto(subject, blob) {
    const { link } = this.#candidate;
    const { dark, blurred } = await link.api.upload(`${link.path}/photos/${subject}`, blob, "image/jpeg", () => {});
    this.dim.value = { dark, blurred };
  }

  /** The devices as they are now, again. */
  async reportDevices() {
    await this.#candidate.link.request("report_device", this.#deviceReport());
  }

  /** After a new connection: send what it has not had yet. */
  async enterWhenReady() {
    if (this.prepared) await this.enter();
  }

  /** Send what there is, and ask to come in once nothing is left to do before. What was refused stands in the page's error. */
  enter() {
    const { joined } = this.#candidate.link;
    const before = this.#sendingOn === joined ? this.#sending : null; // on a lost connection it may hang for minutes
    this.#sendingOn = joined;
    this.#sending = Promise.resolve(before).catch(() => {}).then(() => this.#send());
    return this.#sending;
  }

  async #send() {
    const { connection, sitting, readmission, error, link } = this.#candidate;
    if (connection.value.state !== "connected" || !sitting.value) return; // the next welcome does it
    const { consented_at: consentedAt, rules_accepted_at: rulesAcceptedAt } = sitting.value;
    if (this.#isAdmitted) return void (await this.forget());
    const { joined } = link;
    try {
      if (!this.#candidate.devices.value) { // they were let go while the page had no part in the exam
        await this.#candidate.checkDevices();
        await this.#keepStill();
        if (!this.#candidate.devices.value) return; // let go once more, meanwhile
      }
      if (sitting.value.state === "expected" && !readmission.value && !(await this.#candidate.devicesServe())) {
        this.checked.value = false; // the camera went since: the server would not let in, so it is checked anew
        return;
      }
      if (this.#reportedOn !== link.joined) {
        await this.reportDevices();
        this.#reportedOn = link.joined;
      }
      await this.#sendStill();
      const anew = this.#agreed && this.#agreedOn !== link.joined; // it may be other texts than those before
      const agreed = this.#agreed ?? (await agreements());
      if (!consentedAt || anew) await link.request("consent", agreed.consent);
      if (!rulesAcceptedAt || anew) await link.request("accept_rules", agreed.rules);
      this.#agreedOn = link.joined;
      for (const [subject, blob] of Object.entries(readmission.value ? {} : this.photos.value)) {
        // Another device that came meanwhile may have made the server ask anew.
        if (this.#isClosed) return;
        if (this.#sent.get(blob) === link.joined || (this.#sent.has(blob) && sitting.value.photos?.[subject])) continue;
        await this.sendPhoto(subject, blob);
        this.#sent.set(blob, link.joined); // it stays in `photos`: the server's word of it may come a little later
        await this.#keep();
      }
      // Another device than the admitted one takes no photographs.
      if (this.allPhotographed.value || readmission.value) {
        await link.request("enter_lobby");
        await this.forget();
      }
      error.value = null;
    } catch (failure) {
      if (!failure.isNetwork && link.joined === joined) error.value = failure; // what an earlier connection heard is over
      if (failure.details?.missing?.includes("device")) { // the check that the server knows of was not whole: it is made anew
        this.checked.value = false;
        this.#reportedOn = null;
      }
    }
    this.#candidate.publishWhenWanted();
  }

  // What the server has not acknowledged; nothing once it let the candidate in, and nothing of a page that another one
  // replaced, whatever was under way then.
  async #keep() {
    const { sitting, connection } = this.#candidate;
    if (["waiting", "admitted", "submitted"].includes(sitting.value?.state) || connection.value.state === "superseded") return;
    const photos = Object.fromEntries(Object.entries(this.photos.value).filter(([, blob]) => !this.#sent.has(blob)));
    await this.#memory?.write({ level: this.#level, toneHeard: this.#toneHeard, still: this.#still, agreed: this.consented.value && AGREED, texts: this.#agreed, photos });
  }

  get #isAdmitted() {
    const { sitting, readmission } = this.#candidate;
    return ["admitted", "submitted"].includes(sitting.value?.state) && !readmission.value;
  }

  // What this page did not try since it was loaded stands as it was reported before.
  #deviceReport() {
    const { camera, microphone, roundTripMs } = this.#candidate.devices.value;
    const before = this.#candidate.sitting.value?.device;
    const speaker = this.#toneHeard === undefined ? before?.speaker : { ok: this.#toneHeard };
    const { browser, system } = environment();
    return {
      camera: { ok: camera.ok, label: camera.label ?? "", width: camera.width ?? 0, height: camera.height ?? 0 },
      microphone: { ok: microphone.ok, label: microphone.label ?? "", level: this.#level ?? before?.microphone?.level ?? 0, ...(microphone.ok ? {} : { cause: microphone.cause }) },
      ...(speaker && { speaker }),
      network: roundTripMs === undefined ? before?.network ?? {} : { ok: roundTripMs !== null, round_trip_ms: Math.round(roundTripMs ?? 0) },
      browser: `${browser}/${system}`, language: language.value,
    };
  }

  // What the camera shows at the device check; sent once the room is open.
  async #keepStill() {
    const { stream, camera } = this.#candidate.devices.value ?? {};
    const taken = camera?.ok ? await import("../../lib/still.js").then(({ still }) => still(stream)).catch(() => null) : null; // there by then
    if (taken) this.#still = taken.blob;
    await this.#keep();
    await this.#sendStill();
  }

  async #sendStill() {
    const blob = this.#still;
    if (!blob || this.#isClosed || this.#isAdmitted || this.#candidate.connection.value.state !== "connected") return;
    this.#still = null;
    try {
      await this.sendPhoto("camera", blob);
      await this.#keep();
    } catch (failure) {
      if (failure.isNetwork) this.#still ??= blob;
      else console.warn("the still of the device check was not kept", failure.code); // advice, which nobody waits for
    }
  }
}
