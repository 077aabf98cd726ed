// The keys of the wall.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { CATEGORIES } from "./flag_dialog.js";

const KEYS = [["← ↑ → ↓", "move"], ["Enter", "open"], ["Esc", "close"], ["PgUp PgDn", "page"], ["A", "admit"], ["F", "flag"], [`1–${CATEGORIES.length}`, "category"], ["M", "message"], ["B", "broadcast"], ["N P", "alerts"], ["Z", "suspend"], ["H", "run"], ["?", "help"]];

const ACTING = new Set(["admit", "flag", "category", "message", "broadcast", "suspend", "run"]);

/** `runs`: whether the keys that act are of use. */
export function HelpDialog({ runs, onClose }) {
  return html`<${Dialog} title=${t("help.title")} testid="help-dialog" onClose=${onClose} actions=${html`<button class="primary" onClick=${onClose}>${t("common.close")}</button>`}>
    <dl class="facts">${KEYS.filter(([, act]) => runs || !ACTING.has(act)).map(([key, act]) => html`<dt><kbd>${key}</kbd></dt><dd>${t(`help.${act}`)}</dd>`)}</dl><//>`;
}
