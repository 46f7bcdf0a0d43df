// The connections of a server, each with the handler that attends to it, and how each of them ends.
// docs/serving.md has the table. It serves whatever can be closed and destroyed: framed connections and
// message streams.

import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.ts';
import { Connection, internals } from './connection.ts';
import { lastWords } from './last-words.ts';
import type { Host } from './open-server.ts';
import { isRemotesDoing, warn } from './remotes-doing.ts';
import { connectionOn, reset } from './transport.ts';

/** What a handler attends to. */
export interface Guest {
  readonly duplex: Duplex;
  readonly remoteAddress: string | undefined;
  close(options: { readonly within: number }): Promise<void>;
  destroy(cause?: unknown): void;
}

/** How a server treats its guests. */
export interface Manners<G extends Guest> {
  /** Makes a guest of a duplex. */
  frame(duplex: Duplex, signal: AbortSignal | undefined): G;
  handle(guest: G): unknown;
  readonly onError: ((error: unknown, guest: G | undefined) => unknown) | undefined;
  /** Whether the server has a signal. Each guest then has one of its own, so that the user's keeps one listener. */
  readonly hasSignal: boolean;
}

interface Visit<G> {
  readonly guest: G;
  readonly abort: AbortController | undefined;
}

/** How long a remote may take over the answers that are still queued when the handler is done. */
const HAND_OVER_MS = 30_000;
/** How long it may take to end after those: enough for its last bytes to be dropped. */
const LAST_WORDS_MS = 5000;

export class Attendance<G extends Guest> implements Host {
  readonly #manners: Manners<G>;
  readonly #visits = new Map<Visit<G>, Promise<void>>();

  constructor(manners: Manners<G>) {
    this.#manners = manners;
  }

  get isHeard(): boolean {
    return this.#manners.onError !== undefined;
  }

  enter(duplex: Duplex): void {
    try {
      this.begin(duplex);
    } catch (error) {
      // A codec that makes no decoder, say.
      reset(duplex);
      this.report(error);
    }
  }

  /** Frames a duplex and calls the handler. Throws what framing it throws. */
  begin(duplex: Duplex): void {
    const abort = this.#manners.hasSignal ? new AbortController() : undefined;
    const guest = this.#manners.frame(duplex, abort?.signal);
    const visit = { guest, abort };
    const over = this.#attend(guest, duplex).finally(() => this.#visits.delete(visit));
    this.#visits.set(visit, over);
  }

  finish(duplexes: Iterable<Duplex>): Promise<unknown> {
    // By duplex and not by guest: after a release, somebody else may read frames from it.
    for (const duplex of duplexes) {
      const connection = connectionOn(duplex);
      if (connection instanceof Connection) {
        internals(connection).stopAtBoundary();
      }
    }
    return Promise.all(this.#visits.values());
  }

  destroyAll(abortedBy: AbortSignal | undefined): void {
    for (const { guest, abort } of this.#visits.keys()) {
      if (abortedBy !== undefined) {
        abort?.abort(abortedBy.reason);
      }
      guest.destroy();
    }
  }

  /** Never rejects: nobody could do anything about one connection that ended badly. */
  async #attend(guest: G, duplex: Duplex): Promise<void> {
    try {
      await this.#manners.handle(guest);
      await endInOrder(guest);
    } catch (error) {
      this.report(error, guest);
      if (error instanceof ProtocolError) {
        await lastWords(duplex);
      }
      guest.destroy(error);
      reset(duplex);
    }
  }

  /** Never throws. */
  report(error: unknown, guest?: G): void {
    const { onError } = this.#manners;
    if (onError === undefined) {
      if (guest === undefined || !isRemotesDoing(error, guest)) {
        warn(error);
      }
      return;
    }
    try {
      Promise.resolve(onError(error, guest)).catch(warn);
    } catch (thrown) {
      warn(thrown);
    }
  }
}

/** A connection that was released is its new owner's to close: this only waits for that. */
async function endInOrder(guest: Guest): Promise<void> {
  const closing = guest.close({ within: HAND_OVER_MS });
  // A second call shortens what is left of the time.
  const shorten = (): void => {
    guest.close({ within: LAST_WORDS_MS }).catch(() => undefined);
  };
  if (guest.duplex.writableFinished) {
    shorten();
  } else {
    guest.duplex.once('finish', shorten);
  }
  await closing;
}
