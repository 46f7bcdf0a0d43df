// Computes where rows of a long list stand. This file is pure.
//
// A browser cannot make an element as high as a million rows, so the bar of a long list is shorter than all
// rows together. Then one pixel of the bar stands for many rows. The wheel and the keys still move row by
// row.

/** Height of a row in pixels. */
export const ROW_HEIGHT = 24;
/** Maximum height in pixels of the element that scrolls. Firefox draws nothing behind 17 million pixels. */
export const MAX_HEIGHT = 8_000_000;

/** The size of a list and of its window. */
export interface Extent {
  /** Number of rows. */
  readonly count: number;
  /** Height of the window in pixels. */
  readonly height: number;
}

/** Returns the number of whole rows that fit into the window, or 1 if none fits. */
export function rowsIn(height: number): number {
  return Math.max(1, Math.floor(height / ROW_HEIGHT));
}

/** Returns the last row that can stand at the top of the window. */
export function lastTop({ count, height }: Extent): number {
  return Math.max(0, count - height / ROW_HEIGHT);
}

/** Returns the height in pixels of the element that scrolls. */
export function scrollHeight({ count, height }: Extent): number {
  return Math.max(height, Math.min(count * ROW_HEIGHT, MAX_HEIGHT));
}

/** Returns the row at the top of the window, with its fraction, for a place of the bar in pixels. */
export function topAt(scrolled: number, extent: Extent): number {
  const room = scrollHeight(extent) - extent.height;
  return room <= 0 ? 0 : Math.max(0, Math.min(1, scrolled / room)) * lastTop(extent);
}

/** Returns the place of the bar in pixels for the row at the top of the window. */
export function scrolledTo(top: number, extent: Extent): number {
  const last = lastTop(extent);
  return last === 0 ? 0 : (clampTop(top, extent) / last) * (scrollHeight(extent) - extent.height);
}

export function clampTop(top: number, extent: Extent): number {
  return Math.max(0, Math.min(top, lastTop(extent)));
}

/**
 * Returns the row at the top of the window that shows the whole of `row`. The window moves no more than it
 * must. But a row that is far away comes to the middle.
 */
export function showing(row: number, top: number, extent: Extent): number {
  const shown = extent.height / ROW_HEIGHT;
  const least = row + 1 - shown;
  const nearest = Math.max(least, Math.min(top, row));
  const isFar = Math.abs(nearest - top) > shown;
  return clampTop(isFar ? row - Math.floor(shown / 2) : nearest, extent);
}
