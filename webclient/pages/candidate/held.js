// What who waits for the office is told, while the room is held. Apart, since it begins by the clock alone, and the clock of a
// server that came back is measured a little later.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Notice } from "../shared/notice.js";

export function Held({ candidate }) {
  useNow(1000);
  return candidate.held && html`<${Notice} kind="technical" live testid="held">${t(candidate.heldText)}<//>`;
}

/** Why nobody is admitted any more, or not now, for who is on the way to the lobby; nothing while that may be. */
export function NoEntry({ candidate }) {
  const why = candidate.barredAt(useNow(1000));
  return why && html`<${Notice} kind="technical" live testid="no-entry">${t(`lobby.${why}`, { time: formatClock(candidate.deadline) })}<//>`;
}
