// The wall: a grid of tiles by number. Arrows move among them, Enter opens one.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { useNow } from "../shared/hooks.js";
import { unanswered } from "./attention.js";
import { fit } from "./grid.js";
import { Tile } from "./tile.js";

/** `held`: how many changes wait until the pointer leaves; `onOver(over)` tells when it comes and goes. */
export function TileWall({ watched, shown, layout, selected, onSelect, onOpen, filtered, held, onOver }) {
  const now = useNow(1000);
  const grid = useRef();
  const [place, setPlace] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => setPlace({ width: contentRect.width, height: contentRect.height }));
    observer.observe(grid.current);
    return () => {
      observer.disconnect();
      onOver(false); // a focus view takes the wall's place under the pointer
    };
  }, []);
  const asking = unanswered(watched.messages.value);
  const { columns, tile } = fit(layout, shown.length, place);
  const onKeyDown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (!step) return;
    event.preventDefault();
    const tiles = [...grid.current.querySelectorAll(":scope > .tile")];
    tiles[tiles.indexOf(document.activeElement) + step]?.focus();
  };
  return html`<main class="wall" ref=${grid} onKeyDown=${onKeyDown} aria-label=${t("wall.title")} data-testid="wall"
    onPointerEnter=${() => onOver(true)} onPointerLeave=${() => onOver(false)}
    style=${{ "--columns": columns, "--tile": `${tile}px` }}>
    ${held > 0 && html`<p class="wall_held small_text" role="status" data-testid="wall-held">${t("wall.held", { count: held })}</p>`}
    ${shown.length === 0 && html`<p class="empty_wall soft">${t(filtered ? "wall.none_filtered" : "wall.none")}</p>`}
    ${shown.map((sitting) => html`<${Tile} key=${sitting.candidate} watched=${watched} sitting=${sitting} now=${now} messages=${asking.get(sitting.candidate)?.length ?? 0}
      selected=${selected === sitting.candidate} onSelect=${onSelect} onOpen=${onOpen} />`)}</main>`;
}
