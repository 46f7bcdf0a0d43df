// Searches and jumps on the page. A search asks again and again until it is over. A new search replaces it.

import { useRef } from 'preact/hooks';
import type { Filter, FindResult } from '../trace/rows.ts';
import type { Cursor } from './use-window.ts';
import type { Source } from './source.ts';
import type { Say } from './words.ts';

export interface Place {
  readonly source: Source;
  readonly filter: Filter;
  readonly cursor: Cursor | undefined;
  /** Position behind the last row of the list, or more. */
  readonly end: number;
  readonly say: Say;
  /** Tells the person how the search goes. */
  readonly tell: (message: string) => void;
  readonly go: (cursor: Cursor) => void;
}

/** Returns the function that searches, from the selected row on. */
export function useSearch(place: Place): (text: string, isBackward: boolean) => void {
  const last = useRef(0);
  const now = useRef(place);
  now.current = place;
  return (text, isBackward) => {
    last.current++;
    const mine = last.current;
    // If the person has gone to another row meanwhile, the page stays there.
    const isCurrent = (): boolean =>
      mine === last.current &&
      now.current.cursor === place.cursor &&
      now.current.filter === place.filter &&
      now.current.source === place.source;
    const { tell, say } = place;
    searchFrom(place, { text, isBackward, isCurrent }).catch(() => tell(say('lost')));
  };
}

interface Running {
  readonly text: string;
  readonly isBackward: boolean;
  readonly isCurrent: () => boolean;
}

async function searchFrom(place: Place, { text, isBackward, isCurrent }: Running): Promise<void> {
  const { source, filter, cursor, end, say, tell, go } = place;
  const step = isBackward ? -1 : 1;
  let from = cursor === undefined ? (isBackward ? end : 0) : cursor.position + step;
  for (;;) {
    const result: FindResult = await source.find({ filter, text, from, isBackward });
    if (!isCurrent()) {
      return;
    }
    switch (result.kind) {
      case 'found':
        tell(say('found', result.position + 1));
        go({ position: result.position, id: result.id });
        return;
      case 'none':
        tell(text === '!' ? say('noErrors') : say('notFound', text));
        return;
      case 'onward':
        from = result.next;
        tell(say('searching', from));
        break;
    }
  }
}

/**
 * Returns the cursor of a row in a list. If the list does not have the row, returns the cursor of the next row
 * behind it, or `undefined` if there is none.
 */
export async function rowIn(
  source: Source,
  filter: Filter,
  id: number,
): Promise<Cursor | undefined> {
  const position = await source.position(filter, id);
  const { rows, from } = await source.rows({ filter, from: position, count: 1 });
  const [row] = rows;
  return row === undefined ? undefined : { position: from, id: row.id };
}

/**
 * Finds the row for a frame or an offset in the stream of another row. A frame (`#`) is searched backwards
 * and then forwards, and any other text forwards and then backwards.
 */
export async function findNear(
  source: Source,
  {
    id,
    conversation,
    direction,
  }: { readonly id: number } & Required<Pick<Filter, 'conversation' | 'direction'>>,
  text: string,
): Promise<number | undefined> {
  const filter = { conversation, direction };
  const start = await source.position(filter, id);
  for (const isBackward of text.startsWith('#') ? [true, false] : [false, true]) {
    for (let from = start; ;) {
      const result = await source.find({ filter, text, from, isBackward });
      if (result.kind === 'found') {
        return result.id;
      }
      if (result.kind === 'none') {
        break;
      }
      from = result.next;
    }
  }
  return undefined;
}
