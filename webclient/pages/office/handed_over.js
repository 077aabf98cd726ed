// A room that was handed over to the office, looked at: the photographs and the recording of each candidate beside the log, as
// an inspector sees them. Each look is on the room's log (A5.4).
import "../shared/log_texts.js";

import { useEffect } from "preact/hooks";

import { html } from "../../lib/html.js";
import { Inspection } from "../inspector/inspection.js";

const DARK = "inspector"; // the player's colours and shape are those of this class of the body

export function HandedOver({ me, exam, room, onBack }) {
  useEffect(() => {
    document.body.classList.add(DARK);
    return () => document.body.classList.remove(DARK);
  }, []);
  return html`<${Inspection} role="training_office" me=${me} known=${{ ...room, exam_title: exam.title }} onBack=${onBack} />`;
}
