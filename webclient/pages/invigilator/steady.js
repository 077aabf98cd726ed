// Tiles stand still under the pointer. With a filter on, people come to match it and cease to while somebody is about to
// press a tile: as long as the pointer is over the wall, nobody leaves it and nobody is put among those shown. A tile that
// has the keyboard's focus stays too, since the focus would be lost with it.
import { useRef } from "preact/hooks";

const focused = () => document.activeElement?.closest?.(".tile")?.dataset.candidate;

/** `[list, held]`: whom the wall shows of `people`, of whom `matching` fit `filter`; `held`: how many changes wait. */
export function useSteady(people, matching, filter, over) {
  const before = useRef({ filter: null, shown: new Set() });
  if (!filter) {
    before.current = { filter, shown: new Set() };
    return [matching, 0];
  }
  const fits = new Set(matching.map(({ candidate }) => candidate));
  if (before.current.filter !== filter) before.current = { filter, shown: fits };
  const { shown } = before.current;
  const at = focused();
  const keep = over ? shown : new Set(shown.has(at) ? [...fits, at] : fits);
  before.current.shown = keep;
  const held = over ? [...fits].filter((one) => !keep.has(one)).length + [...keep].filter((one) => !fits.has(one)).length : 0;
  return [people.filter(({ candidate }) => keep.has(candidate)), held];
}
