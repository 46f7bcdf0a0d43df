// Where a page gets an inspection from: a server, or this page. Everything is asked for, and little is held.

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

export interface Update {
  /** Undefined until the first one has come. */
  readonly state: TraceState | undefined;
  /** Whether the server cannot be reached. */
  readonly isLost: boolean;
}

export interface Source {
  /**
   * What the rows are of. Two sources with the same subject have the same rows, so that what a person has selected
   * stays. Undefined: no other source has these rows.
   */
  readonly subject?: string | undefined;
  /** Calls the listener now, and whenever something changes. Returns a function that stops that. */
  watch(listener: (update: Update) => void): () => void;
  rows(query: RowsQuery): Promise<RowsPage>;
  position(filter: Filter, id: number): Promise<number>;
  /** Undefined for a row that is not kept any more. */
  detail(id: number): Promise<Detail | undefined>;
  find(query: FindQuery): Promise<FindResult>;
  conversations(from: number, count: number): Promise<ConversationsPage>;
}
