// Hooks that ask a source. Each hook waits for at most one answer, and asks again when its question has
// changed meanwhile. So a slow server gets no queue of questions.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationsPage, Detail, Filter, RowsPage, RowsQuery } from '../trace/rows.ts';
import type { Source, Update } from './source.ts';

/** Returns the state of the source, and draws again when the state changes. */
export function useUpdate(source: Source): Update {
  const [update, setUpdate] = useState<Update>({ state: undefined, isLost: false });
  useEffect(() => source.watch(setUpdate), [source]);
  return update;
}

/**
 * Returns the newest answer. Asks when `key` changes. If a question fails, the answer before stays: the page
 * says elsewhere that the server is lost.
 */
function useAnswer<T>(key: string, ask: () => Promise<T>): T | undefined {
  const [answer, setAnswer] = useState<T | undefined>(undefined);
  const current = useRef({ key: '', isBusy: false, isGone: false, ask });
  current.current.ask = ask;
  useEffect(() => {
    const now = current.current;
    now.key = key;
    now.isGone = false;
    if (now.isBusy) {
      return;
    }
    now.isBusy = true;
    const run = async (): Promise<void> => {
      try {
        for (let asked = ''; asked !== now.key && !now.isGone;) {
          asked = now.key;
          const result = await now.ask();
          if (!now.isGone) {
            setAnswer(() => result);
          }
        }
      } finally {
        // Set this in the same turn as the last look at the key. If the key changes after that look, the
        // effect must see that no run is at work, and start one.
        now.isBusy = false;
      }
    };
    run().catch(() => undefined);
  }, [key]);
  useEffect(
    () => () => {
      current.current.isGone = true;
    },
    [],
  );
  return answer;
}

const numbers = new WeakMap<Source, number>();
let count = 0;

/** Returns a number for each source. The answer of one source is no answer of another. */
function numberOf(source: Source): number {
  const known = numbers.get(source);
  if (known !== undefined) {
    return known;
  }
  count++;
  numbers.set(source, count);
  return count;
}

/**
 * Returns a text that says what the answers of a source are about. The answers of another source with the
 * same subject are used until the source has its own.
 */
function subjectOf(source: Source): string {
  return source.subject ?? String(numberOf(source));
}

function filterKey({ conversation, direction, errors = false }: Filter): string {
  return `${conversation ?? ''} ${direction ?? ''} ${errors}`;
}

/**
 * Returns rows of a list, or `undefined` until there is an answer for this filter. `version` changes when the
 * list may have changed.
 */
export function useRows(source: Source, query: RowsQuery, version: string): RowsPage | undefined {
  const { filter, from } = query;
  const wanted = `${subjectOf(source)} ${filterKey(filter)}`;
  const place = `${from} ${query.count}`;
  const answer = useAnswer(`${numberOf(source)} ${wanted} ${place} ${version}`, async () => ({
    wanted,
    page: await source.rows(query),
  }));
  return answer?.wanted === wanted ? answer.page : undefined;
}

/** Returns the position of a row in a list. Returns `undefined` for no row, and until the answer has come. */
export function usePosition(
  source: Source,
  filter: Filter,
  id: number | undefined,
): number | undefined {
  const key = id === undefined ? '' : `${numberOf(source)} ${filterKey(filter)} ${id}`;
  const answer = useAnswer(key, async () => ({
    key,
    position: id === undefined ? undefined : await source.position(filter, id),
  }));
  return answer?.key === key ? answer.position : undefined;
}

/** Returns the detail of a row. `version` changes when frames behind the row may have come. */
export function useDetail(
  source: Source,
  id: number | undefined,
  version: string,
): Detail | undefined {
  const wanted = id === undefined ? '' : `${subjectOf(source)} ${id}`;
  const answer = useAnswer(`${numberOf(source)} ${wanted} ${version}`, async () => ({
    wanted,
    detail: id === undefined ? undefined : await source.detail(id),
  }));
  return answer?.wanted === wanted ? answer.detail : undefined;
}

export function useConversations(
  source: Source,
  { from, count: most }: { readonly from: number; readonly count: number },
  version: string,
): ConversationsPage | undefined {
  const key = `${numberOf(source)} ${from} ${most} ${version}`;
  return useAnswer(key, () => source.conversations(from, most));
}
