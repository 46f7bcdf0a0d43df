// The live connection of `--web` to its pages, as server-sent events. Each event is the whole state of the
// trace. So a slow page misses states and never rows: it asks for the rows that it shows.
//
// There is no queue: a page whose socket is full gets no new state until it has taken the one before.

import type { ServerResponse } from 'node:http';

/**
 * Time in ms from a change to the state that tells of it. Further changes meanwhile wait for the same state.
 */
const PERIOD = 100;
/** Maximum number of pages at a time. */
const MAX_PAGES = 16;

interface Page {
  readonly response: ServerResponse;
  /** Whether the state has changed since the last state that the page got. */
  isBehind: boolean;
}

export class WebEvents {
  readonly #state: () => string;
  readonly #pages = new Set<Page>();
  #timer: NodeJS.Timeout | undefined;

  /** `state` returns the current state as one line. */
  constructor(state: () => string) {
    this.#state = state;
  }

  get isFull(): boolean {
    return this.#pages.size >= MAX_PAGES;
  }

  /**
   * Sends states to a page, from now until it goes. The caller has already written the head of the response.
   */
  add(response: ServerResponse): void {
    const page: Page = { response, isBehind: false };
    this.#pages.add(page);
    response.on('close', () => this.#pages.delete(page));
    response.on('drain', () => {
      if (page.isBehind) {
        this.announce();
      }
    });
    this.#send(page, this.#state());
  }

  /** Tells that the state has changed. All pages get the new state soon. */
  readonly announce = (): void => {
    if (this.#pages.size > 0) {
      this.#timer ??= setTimeout(this.#sendAll, PERIOD);
    }
  };

  /** Ends all connections. */
  close(): void {
    clearTimeout(this.#timer);
    for (const { response } of this.#pages) {
      response.end();
    }
  }

  readonly #sendAll = (): void => {
    this.#timer = undefined;
    const state = this.#state();
    for (const page of this.#pages) {
      page.isBehind = page.response.writableNeedDrain;
      if (!page.isBehind) {
        this.#send(page, state);
      }
    }
  };

  #send({ response }: Page, state: string): void {
    response.write(`data: ${state}\n\n`);
  }
}
