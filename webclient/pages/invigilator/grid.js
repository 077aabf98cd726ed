// How large tiles can be, so that the wall uses the whole place it has and never scrolls where it can help it.

const GAP = 6;
const FOOT = 30; // the line under a picture, and the border
const SMALLEST = 96;
const MOST_COLUMNS = 10;

/** Fixed grids; with "auto" the wall takes the one in which the tiles of everybody shown are largest. */
export const LAYOUTS = [[2, 2], [3, 3], [4, 3], [5, 4], [6, 5], [7, 6], [8, 7]].map(([columns, rows]) => ({ columns, rows }));
export const AUTO = { columns: 0, rows: 0 };
export const MOST_TILES = 50;

/** Tiles on one page of a layout. */
export const perPage = (layout) => (layout === AUTO ? MOST_TILES : layout.columns * layout.rows);

const tileWidth = ({ columns, rows }, { width, height }) => Math.floor(
  Math.min((width - GAP * (columns - 1)) / columns, (((height - GAP * (rows - 1)) / rows - FOOT) * 16) / 9),
);

/** `{columns, tile}` for `count` tiles of 16:9 in a place of `{width, height}` pixels; `tile` is a width in pixels. */
export function fit(layout, count, place) {
  const grids = layout === AUTO
    ? Array.from({ length: MOST_COLUMNS }, (_, index) => ({ columns: index + 1, rows: Math.max(1, Math.ceil(count / (index + 1))) }))
    : [layout];
  const sized = grids.map(({ columns, rows }) => ({ columns, tile: tileWidth({ columns, rows }, place) }));
  const best = sized.reduce((one, other) => (other.tile > one.tile ? other : one));
  return { columns: best.columns, tile: Math.max(SMALLEST, best.tile) };
}
