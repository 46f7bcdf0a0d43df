// The inspection of a page without a server: the page itself holds it.

import type { Inspection } from '../trace/inspection.ts';
import type {
  ConversationsPage,
  Detail,
  Filter,
  FindQuery,
  FindResult,
  RowsPage,
  RowsQuery,
} from '../trace/rows.ts';
import type { Source, Update } from './source.ts';

/** Minimum time in ms between two updates. */
const PERIOD = 100;

export class LocalSource implements Source {
  readonly #inspection: Inspection;
  readonly #listeners = new Set<(update: Update) => void>();
  #isPlanned = false;

  /** Name of the input, without its cuts. If `undefined`, no other inspection has the same input. */
  readonly subject: string | undefined;

  constructor(inspection: Inspection, subject?: string) {
    this.subject = subject;
    this.#inspection = inspection;
    inspection.watch(this.#plan);
  }

  watch(listener: (update: Update) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#update());
    return () => this.#listeners.delete(listener);
  }

  async rows(query: RowsQuery): Promise<RowsPage> {
    return this.#inspection.rows(query);
  }

  async position(filter: Filter, id: number): Promise<number> {
    return this.#inspection.position(filter, id);
  }

  async detail(id: number): Promise<Detail | undefined> {
    return this.#inspection.detail(id);
  }

  async find(query: FindQuery): Promise<FindResult> {
    return this.#inspection.find(query);
  }

  async conversations(from: number, count: number): Promise<ConversationsPage> {
    return this.#inspection.conversations(from, count);
  }

  #update(): Update {
    return { state: this.#inspection.state(), isLost: false };
  }

  readonly #plan = (): void => {
    if (!this.#isPlanned) {
      this.#isPlanned = true;
      setTimeout(this.#tell, PERIOD);
    }
  };

  readonly #tell = (): void => {
    this.#isPlanned = false;
    const update = this.#update();
    for (const listener of this.#listeners) {
      listener(update);
    }
  };
}
