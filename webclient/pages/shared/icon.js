// Line icons, drawn with the colour of the text around them. They accompany words, so they are hidden from readers.
import { html } from "../../lib/html.js";

const PATHS = {
  info: "M12 11v5M12 8v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z",
  ok: "m5 12.5 4.5 4.5L19 7.5",
  warning: "M12 9v4M12 17v.01M12 3.5 2.5 20h19Z",
  wrong: "m7 7 10 10M17 7 7 17",
  camera: "M4 7h10v10H4zM14 11l6-3v8l-6-3",
  microphone: "M12 4a2.5 2.5 0 0 0-2.5 2.5v5a2.5 2.5 0 0 0 5 0v-5A2.5 2.5 0 0 0 12 4ZM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3",
  microphone_off: "M4 4l16 16M9.5 9.5v2a2.5 2.5 0 0 0 3.800 2.100M14.5 11V6.5a2.500 2.500 0 0 0-4.700-1.200M6.500 11.500a5.500 5.500 0 0 0 9 4.200M12 17v3",
  speaker: "M5 10v4h3l4 3.5v-11L8 10ZM15.5 9.5a4 4 0 0 1 0 5M18 7a8 8 0 0 1 0 10",
  network: "M4 10a12 12 0 0 1 16 0M7 13.5a7.5 7.5 0 0 1 10 0M10 17a3 3 0 0 1 4 0",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  clock: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z",
  person: "M12 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM5 20a7 7 0 0 1 14 0",
  eye: "M2.5 12S6 6 12 6s9.5 6 9.5 6-3.5 6-9.5 6-9.5-6-9.5-6ZM12 9.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  play: "M7 5v14l11-7Z",
  pause: "M8 5v14M16 5v14",
  folder: "M3 6h6l2 2h10v11H3z",
  message: "M4 5h16v11H9l-5 4Z",
  flag: "M6 21V4h11l-2 4 2 4H6",
  offline: "M4 4l16 16M4 10a12 12 0 0 1 5-2.700M20 10a12 12 0 0 0-7-3M10 17a3 3 0 0 1 4 0",
  megaphone: "M4 10v4h3l9 4V6L7 10ZM19 10v4",
  record: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
  paper: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  hand: "M8 12V5.5a1.500 1.500 0 0 1 3 0V11M11 10.500V4.500a1.500 1.500 0 0 1 3 0V11M14 10.500V6a1.500 1.500 0 0 1 3 0v7.500a7 7 0 0 1-7 7c-3 0-4.500-1.500-6-5l-1-2.500c-.5-1.300 1-2 2-1l2 2.500",
  hold: "M8 5v14M16 5v14M12 3v2",
  check: "M4 4h16v16H4zM8 12l3 3 5-6",
  phone: "M8 3h8v18H8zM11 18h2",
  menu: "M4 6h16M4 12h16M4 18h16",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15.5 15.5 20 20",
};

export function Icon({ name, size = 18 }) {
  return html`<svg width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true"
    fill=${name === "record" ? "currentColor" : "none"} stroke="currentColor" stroke-width="2"
    stroke-linecap="round" stroke-linejoin="round"><path d=${PATHS[name]} /></svg>`;
}
