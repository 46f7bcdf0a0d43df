// Attendance keeps the connections of a server, each with the handler that serves the connection, and ends
// each connection when its handler is done. docs/serving.md has the table of endings. A guest is anything
// that can be closed and destroyed: a framed connection or a message stream.

import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.ts';
import { Connection, internals } from './connection.ts';
import { lastWords } from './last-words.ts';
import { framingOf } from './listeners.ts';
import type { Host } from './open-server.ts';
import { isRemotesDoing, warn } from './remotes-doing.ts';
import { reset } from './transport.ts';

/** What a handler works with: a connection or a message stream. */
export interface Guest {
  readonly duplex: Duplex;
  readonly remoteAddress: string | undefined;
  close(options: { readonly within: number }): Promise<void>;
  destroy(cause?: unknown): void;
}

/** How one kind of server (`serve`, `serveMessages`) makes guests, handles them and reports errors. */
export interface Manners<G extends Guest> {
  /** Makes a guest of a duplex: frames the duplex, or makes a message stream of it. */
  frame(duplex: Duplex, signal: AbortSignal | undefined): G;
  handle(guest: G): unknown;
  readonly onError: ((error: unknown, guest: G | undefined) => unknown) | undefined;
  /**
   * Whether the server has a signal. If so, each guest gets a signal of its own, so that the caller's signal
   * has one listener and not one for each guest.
   */
  readonly hasSignal: boolean;
}

/** Time in ms that the remote has, once the handler is done, to take the answers that are still queued. */
const HAND_OVER_MS = 30_000;
/**
 * Time in ms that the remote has to end, once the operating system has taken those answers. What the remote
 * sends in that time is dropped.
 */
const LAST_WORDS_MS = 5000;

export class Attendance<G extends Guest> implements Host {
  readonly #manners: Manners<G>;
  /** The guests whose handlers run, each with the means to abort its signal, if it has one. */
  readonly #guests = new Map<G, AbortController | undefined>();
  #whenEmpty: (() => void)[] = [];

  constructor(manners: Manners<G>) {
    this.#manners = manners;
  }

  get isHeard(): boolean {
    return this.#manners.onError !== undefined;
  }

  /**
   * Frames the duplex and calls the handler. If the duplex cannot be framed, resets it and reports the error.
   * Does not wait for the handler.
   */
  enter(duplex: Duplex): undefined {
    try {
      this.begin(duplex);
    } catch (error) {
      // Framing fails, for example, if the codec makes no decoder.
      reset(duplex);
      this.report(error);
    }
  }

  /** Frames a duplex and calls the handler, without waiting for the handler. Throws what framing throws. */
  begin(duplex: Duplex): void {
    const abort = this.#manners.hasSignal ? new AbortController() : undefined;
    const guest = this.#manners.frame(duplex, abort?.signal);
    this.#guests.set(guest, abort);
    const served = this.#serve(guest);
    // An async function that waits for the handler would take twice the memory, for as long as the connection
    // lives.
    const end = (): Promise<void> => this.#end(served, guest, duplex);
    void served.then(end, end);
  }

  finish(duplexes: Iterable<Duplex>): Promise<unknown> {
    // Look up the connection of each duplex here, because after a release the caller may have framed the
    // duplex anew, and then the guest is no longer its connection.
    for (const duplex of duplexes) {
      const connection = framingOf(duplex)?.connection;
      if (connection instanceof Connection) {
        internals(connection).stopAtBoundary();
      }
    }
    return new Promise<void>((resolve) => {
      this.#whenEmpty.push(resolve);
      this.#tellWhenEmpty();
    });
  }

  destroyAll(abortedBy: AbortSignal | undefined): void {
    for (const [guest, abort] of this.#guests) {
      if (abortedBy !== undefined) {
        abort?.abort(abortedBy.reason);
      }
      guest.destroy();
    }
  }

  /** Calls the handler. The promise rejects with what it throws. */
  #serve(guest: G): Promise<unknown> {
    try {
      return Promise.resolve(this.#manners.handle(guest));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Ends a guest whose handler is done. Never rejects: a handler that fails ends its own connection and nothing
   * else.
   */
  async #end(served: Promise<unknown>, guest: G, duplex: Duplex): Promise<void> {
    try {
      await served;
      await endInOrder(guest);
    } catch (error) {
      this.report(error, guest);
      if (error instanceof ProtocolError) {
        await lastWords(duplex);
      }
      guest.destroy(error);
      reset(duplex);
    } finally {
      this.#guests.delete(guest);
      this.#tellWhenEmpty();
    }
  }

  #tellWhenEmpty(): void {
    if (this.#guests.size > 0) {
      return;
    }
    for (const resolve of this.#whenEmpty.splice(0)) {
      resolve();
    }
  }

  /**
   * Calls `onError`. Without an `onError` this prints a warning, unless the remote of `guest` caused the
   * error. Never throws.
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
 * Closes the connection and waits until it is closed. If the duplex was released, it belongs to the caller,
 * so this closes nothing and waits until the caller has closed the duplex.
 */
async function endInOrder(guest: Guest): Promise<void> {
  const closing = guest.close({ within: HAND_OVER_MS });
  // Once all answers have gone out, the remote only has to end, so shorten the time that is left.
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
