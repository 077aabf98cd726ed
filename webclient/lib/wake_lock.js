// Keeps the screen on: a phone that locks takes the camera away. Browsers let go of the lock whenever the page is hidden,
// so it is asked for again when the page is seen; where there is none, or the battery is low, nothing happens.

export class WakeLock {
  #wanted = false;
  #lock = null;
  #asking = false;

  hold() {
    if (this.#wanted) return;
    this.#wanted = true;
    document.addEventListener("visibilitychange", this.#ask);
    void this.#ask();
  }

  release() {
    this.#wanted = false;
    document.removeEventListener("visibilitychange", this.#ask);
    void this.#lock?.release();
    this.#lock = null;
  }

  #ask = async () => {
    if (this.#asking || document.hidden || (this.#lock && !this.#lock.released)) return;
    this.#asking = true;
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (this.#wanted) this.#lock = lock;
      else await lock?.release();
    } catch {
      this.#lock = null; // the next time the page is seen
    } finally {
      this.#asking = false;
    }
  };
}
