// Hooks that ask a source. Each has at most one question on its way, and asks again when the question has changed
// meanwhile: a slow server gets no queue of questions.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationsPage, Detail, Filter, RowsPage, RowsQuery } from '../trace/rows.ts';
import type { Source, Update } from './source.ts';

/** The state of the source, as it changes. */
export function useUpdate(source: Source): Update {
  const [update, setUpdate] = useState<Update>({ state: undefined, isLost: false });
  useEffect(() => source.watch(setUpdate), [source]);
  return update;
}

/**
 * The answer to the last question that was answered. Asks when `key` changes. A question that fails keeps the
 * answer before: the page says elsewhere that the server is lost.
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
        // In the same turn as the last look at the key: a key that changes later must find nobody at work.
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

/** A number for each source: answers of one are none for another. */
function numberOf(source: Source): number {
  const known = numbers.get(source);
  if (known !== undefined) {
    return known;
  }
  count++;
  numbers.set(source, count);
  return count;
}

/** What the answers of a source are about: those of another one with the same subject serve until its own come. */
function subjectOf(source: Source): string {
  return source.subject ?? String(numberOf(source));
}

function filterKey({ conversation, direction, errors = false }: Filter): string {
  return `${conversation ?? ''} ${direction ?? ''} ${errors}`;
}

/** Rows of a list with the filter they belong to. `version` changes when the list may have changed. */
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

/** Position of a row in a list, or of the end of the list for undefined. */
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

/** A row in full. `version` changes when frames behind the row may have come. */
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
