// The connections of a server, each with the handler that attends to it, and how each of them ends.
// docs/serving.md has the table. A guest is anything that can be closed and destroyed: a framed
// connection or a message stream.

import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.ts';
import { Connection, internals } from './connection.ts';
import { lastWords } from './last-words.ts';
import type { Host } from './open-server.ts';
import { isRemotesDoing, warn } from './remotes-doing.ts';
import { connectionOn, reset } from './transport.ts';

/** What a handler works with: a connection or a message stream. */
export interface Guest {
  readonly duplex: Duplex;
  readonly remoteAddress: string | undefined;
  close(options: { readonly within: number }): Promise<void>;
  destroy(cause?: unknown): void;
}

/** How a kind of server treats each connection. */
export interface Manners<G extends Guest> {
  /** Makes a guest of a duplex. */
  frame(duplex: Duplex, signal: AbortSignal | undefined): G;
  handle(guest: G): unknown;
  readonly onError: ((error: unknown, guest: G | undefined) => unknown) | undefined;
  /**
   * Whether the server has a signal. Each guest then gets its own signal, so the caller's signal has one
   * listener only.
   */
  readonly hasSignal: boolean;
}

interface Visit<G> {
  readonly guest: G;
  readonly abort: AbortController | undefined;
}

/** Time in ms that the remote has to take the answers that are still queued when the handler is done. */
const HAND_OVER_MS = 30_000;
/** Time in ms that the remote then has to end. What the remote still sends in that time is dropped. */
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

  /**
   * Frames the duplex and calls the handler. If the duplex cannot be framed, resets it and reports the error.
   * Returns `undefined`, because the server need not wait: only the handler can tell whether a remote belongs
   * here.
   */
  enter(duplex: Duplex): undefined {
    try {
      this.begin(duplex);
    } catch (error) {
      // For example a codec that makes no decoder.
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
    // Look each connection up by its duplex, because after a release the caller may have framed the duplex
    // anew.
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

  /** Never rejects. A handler that fails ends its own connection and nothing else. */
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

  /**
   * Calls `onError`. Without an `onError` it warns, unless the remote of `guest` caused the error. Never
   * throws.
   */
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

/**
 * Closes the connection. A duplex that was released belongs to the caller, so this only waits until the
 * caller has closed it.
 */
async function endInOrder(guest: Guest): Promise<void> {
  const closing = guest.close({ within: HAND_OVER_MS });
  // Once everything has gone out, shorten the time that is left: the remote only has to end.
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
