// Whose pictures are on the screen, since only those are asked for: not the tiles that a focus view has taken the place of,
// that are scrolled away or on another page, nor a folded queue; nothing at all while the tab is hidden.
import { signal } from "@preact/signals";

export class OnScreen {
  people = signal(new Set());
  #persons = new Map(); // element -> whose picture it is to show
  #seen = new Set(); // elements
  #observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? this.#seen.add(target) : this.#seen.delete(target);
    this.#tell();
  });

  constructor() {
    document.addEventListener("visibilitychange", this.#tell);
  }

  /** `element` shows `person` from now on, wherever it is seen; returns how to end that. */
  watch(element, person) {
    this.#persons.set(element, person);
    this.#observer.observe(element);
    return () => {
      this.#observer.unobserve(element);
      this.#persons.delete(element);
      this.#seen.delete(element);
      this.#tell();
    };
  }

  close() {
    document.removeEventListener("visibilitychange", this.#tell);
    this.#observer.disconnect();
  }

  #tell = () => {
    const people = document.hidden ? [] : [...this.#seen].map((element) => this.#persons.get(element));
    this.people.value = new Set(people);
  };
}
