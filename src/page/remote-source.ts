// The inspection of a server from which this page was loaded. The token is a part of the address.

import type {
  ConversationsPage,
  Detail,
  Filter,
  FindQuery,
  FindResult,
  RowsPage,
  RowsQuery,
  TraceState,
} from '../trace/rows.ts';
import type { Source, Update } from './source.ts';

type Words = Readonly<Record<string, string | number | boolean | undefined>>;

const GONE = 410;

export class RemoteSource implements Source {
  #update: Update = { state: undefined, isLost: false };
  readonly #listeners = new Set<(update: Update) => void>();

  constructor() {
    const events = new EventSource('events');
    events.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const state: TraceState = JSON.parse(data);
      this.#tell({ state, isLost: false });
    });
    // The browser connects again without a call.
    events.addEventListener('error', () => this.#tell({ ...this.#update, isLost: true }));
    events.addEventListener('open', () => this.#tell({ ...this.#update, isLost: false }));
  }

  watch(listener: (update: Update) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#update);
    return () => this.#listeners.delete(listener);
  }

  rows({ filter, from, count }: RowsQuery): Promise<RowsPage> {
    return get('rows', { ...filter, from, count });
  }

  async position(filter: Filter, id: number): Promise<number> {
    const { position } = await get<{ readonly position: number }>('position', { ...filter, id });
    return position;
  }

  detail(id: number): Promise<Detail | undefined> {
    return get('detail', { id });
  }

  find({ filter, text, from, isBackward }: FindQuery): Promise<FindResult> {
    return get('find', { ...filter, text, from, backward: isBackward });
  }

  conversations(from: number, count: number): Promise<ConversationsPage> {
    return get('conversations', { from, count });
  }

  #tell(update: Update): void {
    this.#update = update;
    for (const listener of this.#listeners) {
      listener(update);
    }
  }
}

/** Asks the server. Resolves with `undefined` for a row that is not kept any more. */
async function get<T>(path: string, words: Words): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) {
    if (value !== undefined) {
      query.set(name, String(value));
    }
  }
  const response = await fetch(`${path}?${query}`);
  if (!response.ok && response.status !== GONE) {
    throw new Error(`${path}: ${response.status}`);
  }
  const value: unknown = response.ok ? await response.json() : undefined;
  return value as T;
}
