// Every photograph of a candidate's face, card and camera view that was ever taken in this room, also those taken anew,
// beside the recording. They are fetched when somebody opens the part: each look is on the room's log (A5.4).
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";

/** `events` of the room's log, which tells of each photograph; `photoLink(photo)`: where it is. */
export function Photographs({ events, candidate, photoLink }) {
  const [open, setOpen] = useState(false);
  const taken = events.filter(({ kind, candidate: whose, data }) => kind === "photo_taken" && whose === candidate && data.photo);
  const newest = new Map(taken.map(({ data }) => [data.subject, data.photo]));
  if (taken.length === 0) return null;
  return html`<details class="photographs" onToggle=${(event) => setOpen(event.target.open)} data-testid="photographs">
    <summary>${t("inspector.photographs", { count: taken.length })}</summary>
    ${open && html`<ul>${taken.map(({ seq, at, data: { photo, subject } }) => {
      const words = `${t(`inspection.subject_${subject}`)} · ${formatClock(at)}`;
      return html`<li key=${seq}><a href=${photoLink(photo)} target="_blank" rel="noopener"><img src=${photoLink(photo)} alt=${words} data-testid="photograph" data-subject=${subject} />
        <span class="small_text" aria-hidden="true">${words}</span></a>${newest.get(subject) !== photo && html`<span class="soft small_text">${t("inspector.photograph_replaced")}</span>`}</li>`;
    })}</ul>`}</details>`;
}
