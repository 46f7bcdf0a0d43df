// The source of an inspection: a server, or this page. The page asks the source for what it shows, and keeps
// little of the answers.

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
  /** State of the source. `undefined` until the first state has come. */
  readonly state: TraceState | undefined;
  /** Whether the server cannot be reached. */
  readonly isLost: boolean;
}

export interface Source {
  /**
   * Name of the bytes that the rows describe. Two sources with the same subject have the same rows, so the
   * row that a person has selected stays selected. If `undefined`, no other source has these rows.
   */
  readonly subject?: string | undefined;
  /** Calls the listener now, and whenever something changes. Returns a function that stops these calls. */
  watch(listener: (update: Update) => void): () => void;
  rows(query: RowsQuery): Promise<RowsPage>;
  position(filter: Filter, id: number): Promise<number>;
  /** Returns the detail of a row. Resolves with `undefined` for a row that is not kept any more. */
  detail(id: number): Promise<Detail | undefined>;
  find(query: FindQuery): Promise<FindResult>;
  conversations(from: number, count: number): Promise<ConversationsPage>;
}
