// Whom an act on the times left in two rooms at once, by the other room: a whole class often has its next exam in the same one.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";

/** `people`: {full_name, room, room_title, exam_title} of the other room. */
export function InTwoRooms({ people }) {
  const rooms = new Map();
  for (const one of people) rooms.set(one.room, [...(rooms.get(one.room) ?? []), one]);
  return html`<p>${t("steer.in_two_rooms")}</p>
    <ul class="in_two_rooms">${[...rooms].map(([room, these]) => html`<li key=${room}><strong>${these[0].room_title}, ${these[0].exam_title}</strong> (${these.length}): ${these.map((one) => one.full_name).join(", ")}</li>`)}</ul>`;
}
