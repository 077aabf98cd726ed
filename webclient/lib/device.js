// Camera, microphone and loudspeaker of a candidate, and what to do when one of them does not work.
//
// getUserMedia fails with a handful of names whose meaning depends on the browser and the system (W3C Media
// Capture and Streams, 10.3.1 "getUserMedia"). `diagnose` turns one into a cause that the page can explain.

const CAUSES = {
  NotAllowedError: "not_allowed", SecurityError: "not_allowed",
  NotFoundError: "not_found", DevicesNotFoundError: "not_found",
  NotReadableError: "in_use", TrackStartError: "in_use", AbortError: "in_use",
  OverconstrainedError: "overconstrained",
};

const WANTED = {
  video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15, max: 30 }, facingMode: "user" },
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

/** Name of the browser and the system, from what they say of themselves. */
export function environment(userAgent = navigator.userAgent) {
  const has = (word) => userAgent.includes(word);
  const browser = has("coc_coc") ? "coccoc" : has("Zalo") ? "zalo" : has("Edg/") ? "edge" : has("SamsungBrowser") ? "samsung"
    : has("OPR/") ? "opera" : has("Firefox/") || has("FxiOS") ? "firefox" : has("Chrome/") || has("CriOS") ? "chrome"
    : has("Safari/") ? "safari" : "other";
  const system = has("Android") ? "android" : /iPhone|iPad/.test(userAgent) ? "ios" : has("Windows") ? "windows"
    : has("Mac OS X") ? "mac" : has("CrOS") ? "chromeos" : has("Linux") ? "linux" : "other";
  return { browser, system };
}

/** Why a device could not be opened: one of the causes that the page explains. */
export function diagnose(error) {
  if (!isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia) return "unsupported";
  return CAUSES[error?.name] ?? "unknown";
}

/**
 * Open camera and microphone, each alone when both together fail, so that one fault does not hide the other.
 * Answers `{stream, camera: {ok, label, cause}, microphone: {ok, label, cause}}`.
 */
export async function openDevices() {
  const stream = new MediaStream();
  const result = { stream, camera: { ok: false }, microphone: { ok: false } };
  const take = (tracks) => {
    for (const track of tracks) {
      stream.addTrack(track);
      result[track.kind === "video" ? "camera" : "microphone"] = describe(track);
    }
  };
  try {
    take((await getUserMedia(WANTED)).getTracks());
    return result;
  } catch {
    for (const [kind, part] of [["video", "camera"], ["audio", "microphone"]]) {
      try {
        take((await getUserMedia({ [kind]: WANTED[kind] })).getTracks());
      } catch (error) {
        result[part] = { ok: false, cause: diagnose(error) };
      }
    }
    return result;
  }
}

/** Open one of them again, "video" or "audio": `{track, description}`. Throws as getUserMedia does. */
export async function openOne(kind) {
  const [track] = (await getUserMedia({ [kind]: WANTED[kind] })).getTracks();
  return { track, description: describe(track) };
}

const describe = (track) => ({
  ok: true, label: track.label, ...(track.kind === "video" ? pick(track.getSettings(), "width", "height") : {}),
});

async function getUserMedia(constraints) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no media devices", "NotSupportedError");
  return navigator.mediaDevices.getUserMedia(constraints);
}

const pick = (source, ...names) => Object.fromEntries(names.map((name) => [name, source[name]]));

/** Loudness of a stream's sound, 0 to 1, read whenever asked; `close` releases the audio graph. */
export class LevelMeter {
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();
  #samples = new Float32Array(this.#analyser.fftSize);

  constructor(stream) {
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  read() {
    if (this.#context.state === "suspended") void this.#context.resume();
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const meanSquare = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    const decibels = 10 * Math.log10(meanSquare + 1e-10);
    return Math.min(1, Math.max(0, (decibels + 60) / 60)); // -60 dBFS is silence on a bar, 0 dBFS full
  }

  close() {
    void this.#context.close();
  }
}

/** A second of soft tone through the loudspeaker. */
export async function playTone(seconds = 1) {
  const context = new AudioContext();
  await context.resume();
  const oscillator = new OscillatorNode(context, { frequency: 523.25 });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.linearRampToValueAtTime(0.2, context.currentTime + 0.05);
  gain.gain.setValueAtTime(0.2, context.currentTime + seconds - 0.1);
  gain.gain.linearRampToValueAtTime(0, context.currentTime + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start();
  oscillator.stop(context.currentTime + seconds);
  await new Promise((resolve) => { oscillator.onended = resolve; });
  await context.close();
}
