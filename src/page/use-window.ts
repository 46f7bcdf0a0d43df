// The window of a long list: which rows it asks for, and how the bar, the wheel and the keys move it.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Filter, RowsPage } from '../trace/rows.ts';
import {
  clampTop,
  lastTop,
  MAX_HEIGHT,
  ROW_HEIGHT,
  rowsIn,
  scrolledTo,
  showing,
  topAt,
} from './scrolling.ts';
import type { Extent } from './scrolling.ts';
import type { Source } from './source.ts';
import { useRows } from './use-source.ts';

/** The selected row. `position` is its position in the list. */
export interface Cursor {
  readonly position: number;
  readonly id: number;
}

export interface FrameListProps {
  readonly source: Source;
  readonly filter: Filter;
  /** Text that changes when the rows of the list may have changed. */
  readonly version: string;
  readonly cursor: Cursor | undefined;
  readonly setCursor: (cursor: Cursor) => void;
  /**
   * Position behind the last row that is shown while the page is paused. If `undefined`, the page is not
   * paused.
   */
  readonly frozenEnd: number | undefined;
  /** Whether the list shows new rows as they come. */
  readonly isFollowing: boolean;
  readonly setFollowing: (isFollowing: boolean) => void;
}

/** Number of rows outside of the window that are asked for on each side. */
const AROUND = 20;

/** Returns the height that an element has for its rows, and draws again when the height changes. */
export function useHeight(element: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) {
      return undefined;
    }
    // The line of titles takes the height of one row.
    const measure = (): void => setHeight(Math.max(0, current.clientHeight - ROW_HEIGHT));
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return height;
}

export interface ListWindow {
  readonly page: RowsPage | undefined;
  /** Position of the first row of the list. */
  readonly first: number;
  readonly extent: Extent;
  /** Position of the row at the top, with its fraction. */
  readonly top: number;
  /** Moves the window, so that this row is at the top. */
  readonly stand: (top: number) => void;
  /**
   * Moves the window for a person who scrolls. When the person reaches the end of a live list, the list
   * follows its end.
   */
  readonly scroll: (top: number) => void;
}

/** Returns the rows that the window shows, and the place of the window. */
export function useWindow(props: FrameListProps, height: number): ListWindow {
  const { source, filter, version, frozenEnd, isFollowing, setFollowing } = props;
  /** The row that was at the top last. The list stays there when it stops to follow. */
  const place = useRef(0);
  const [, redraw] = useState(0);
  const isLast = isFollowing && frozenEnd === undefined;
  const count = rowsIn(height) + 2;
  const from = Math.max(0, Math.floor(place.current) - AROUND);
  const query = isLast ? { from: -1, count } : { from, count: count + 2 * AROUND };
  const page = useRows(source, { filter, ...query }, version);
  const first = page?.first ?? 0;
  const end = Math.min(page?.end ?? 0, frozenEnd ?? Infinity);
  const extent = { count: Math.max(0, end - first), height };
  const shown = isLast ? lastTop(extent) : clampTop(place.current - first, extent);
  if (isLast && page !== undefined) {
    place.current = first + shown;
  }
  const stand = (top: number): void => {
    place.current = top;
    redraw((times) => times + 1);
  };
  const scroll = (top: number): void => {
    stand(top);
    setFollowing(top - first >= lastTop(extent) - 0.5);
  };
  return { page, first, extent, top: first + shown, stand, scroll };
}

/** Keeps the bar of the browser and the window at the same place. */
export function useBar(
  scroller: { readonly current: HTMLElement | null },
  { first, extent, top, scroll }: ListWindow,
): () => void {
  const expected = useRef(0);
  useLayoutEffect(() => {
    const { current } = scroller;
    if (current !== null) {
      const wanted = scrolledTo(top - first, extent);
      if (Math.abs(current.scrollTop - wanted) > 1) {
        current.scrollTop = wanted;
      }
      expected.current = current.scrollTop;
    }
  });
  useEffect(() => {
    const { current } = scroller;
    const turn = (event: WheelEvent): void => {
      // A long list scrolls by rows, because one pixel of its bar stands for many rows.
      if (extent.count * ROW_HEIGHT > MAX_HEIGHT && !event.ctrlKey) {
        event.preventDefault();
        const rows = event.deltaMode === 0 ? event.deltaY / ROW_HEIGHT : event.deltaY;
        scroll(first + clampTop(top - first + rows, extent));
      }
    };
    current?.addEventListener('wheel', turn, { passive: false });
    return () => current?.removeEventListener('wheel', turn);
  });
  return () => {
    const { scrollTop = 0 } = scroller.current ?? {};
    if (Math.abs(scrollTop - expected.current) > 1) {
      expected.current = scrollTop;
      scroll(first + topAt(scrollTop, extent));
    }
  };
}

/** Returns the position to which a key moves the cursor, or `undefined` for other keys. */
function moved(key: string, position: number, page: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return position + 1;
    case 'ArrowUp':
      return position - 1;
    case 'PageDown':
      return position + page;
    case 'PageUp':
      return position - page;
    case 'Home':
      return 0;
    case 'End':
      return Infinity;
    default:
      return undefined;
  }
}

/** Returns a function that selects the row at a position, even if that row is not loaded. */
function moverOf(props: FrameListProps, { page, first, extent }: ListWindow): (to: number) => void {
  const { source, filter, setCursor } = props;
  return (to) => {
    const position = Math.max(first, Math.min(to, first + extent.count - 1));
    const known = page?.rows[position - page.from];
    if (known !== undefined) {
      setCursor({ position, id: known.id });
      return;
    }
    source
      .rows({ filter, from: position, count: 1 })
      .then(({ rows: [row], from }) => {
        if (row !== undefined) {
          setCursor({ position: from, id: row.id });
        }
      })
      .catch(() => undefined);
  };
}

/** Returns the function that reads the keys of the list. */
export function keysOf(props: FrameListProps, view: ListWindow): (event: KeyboardEvent) => void {
  const { cursor, setFollowing } = props;
  const { top, extent } = view;
  const move = moverOf(props, view);
  return (event) => {
    const start = cursor?.position ?? Math.ceil(top) - 1;
    const to = moved(event.key, start, rowsIn(extent.height) - 1);
    if (to !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      setFollowing(event.key === 'End');
      move(to);
    }
  };
}

/** Scrolls to the selected row when another row is selected. */
export function useRevealing(
  { cursor, filter }: FrameListProps,
  { first, extent, top, stand }: ListWindow,
): void {
  useEffect(() => {
    if (cursor !== undefined) {
      const wanted = first + showing(cursor.position - first, top - first, extent);
      if (wanted !== top) {
        stand(wanted);
      }
    }
  }, [cursor?.position, cursor?.id, filter, extent.height]);
}
