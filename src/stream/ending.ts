// The orderly endings of a connection. `end` sends everything out and then FIN. `close` does so too, and
// waits a bounded time for the remote to end. The endings that take effect at once are in connection.ts.

import type { Duplex } from 'node:stream';
import type { UnstickError } from '../errors.ts';
import { handled } from './call.ts';
import { Deadline } from './deadline.ts';
import type { Inbound } from './inbound.ts';
import type { Outbound } from './outbound.ts';
import * as transport from './transport.ts';

/** What the endings need to know and do of the connection. */
export interface Endable {
  readonly duplex: Duplex;
  readonly inbound: Inbound<unknown>;
  readonly outbound: Outbound<never>;
  readonly remoteAddress: string | undefined;
  /** The error that ended the connection, if it is over. */
  readonly failure: UnstickError | undefined;
  /** Ends the connection at once. */
  fail(error: UnstickError): void;
}

export class Ending {
  readonly #of: Endable;
  #ended: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #limit: { readonly at: number; readonly deadline: Deadline } | undefined;

  constructor(connection: Endable) {
    this.#of = connection;
  }

  /** Whether `close` was called. */
  get isClosing(): boolean {
    return this.#closed !== undefined;
  }

  /** Ends the sending side: everything that was sent goes out, then FIN. */
  end(): Promise<void> {
    this.#ended ??= handled(this.#finish());
    return this.#ended;
  }

  /**
   * Sends everything out, drops what the remote still sends, and waits for the remote's end. After at most
   * `ms` the socket is gone. If there is a `line`, FIN waits until `line` has settled, and sends that stand
   * in that line are accepted until then.
   */
  close(ms: number, line?: Promise<void>): Promise<void> {
    this.#limitTo(ms);
    this.#closed ??= handled(this.#close(line));
    return this.#closed;
  }

  /** Stops the clock of `close`, because the connection is over. */
  clear(): void {
    this.#limit?.deadline.clear();
  }

  async #finish(): Promise<void> {
    const { duplex, failure, remoteAddress } = this.#of;
    if (failure !== undefined) {
      if (failure.code === 'ERR_CONNECTION_CLOSED') {
        return;
      }
      throw failure;
    }
    this.#of.outbound.refuse(transport.closed('closed', remoteAddress));
    if (await transport.finish(duplex)) {
      return;
    }
    throw this.#of.failure ?? transport.lost(duplex.errored, remoteAddress);
  }

  async #close(line: Promise<void> | undefined): Promise<void> {
    const { duplex } = this.#of;
    if (this.#of.failure === undefined) {
      this.#of.inbound.drop();
    }
    if (line !== undefined) {
      await line;
    }
    // Sends that still stood in line have put no bytes into the queue yet, so `lost` does not count them.
    // Check for them here.
    const isLineCut = line !== undefined && this.#of.failure !== undefined;
    const ended = this.end();
    await transport.gone(duplex);
    duplex.destroy();
    this.clear();
    // If everything was handed over before the remote reset, `close` succeeds, and `closed` gives the reset
    // as its error.
    const isLost = isLineCut || this.#of.outbound.lost > 0;
    if (this.#of.failure === undefined || isLost) {
      await ended;
    }
  }

  /** Limits the ending to `ms` from now, unless an earlier call allows less. */
  #limitTo(ms: number): void {
    const at = performance.now() + ms;
    if (this.#of.failure !== undefined || (this.#limit !== undefined && this.#limit.at <= at)) {
      return;
    }
    this.clear();
    this.#limit = { at, deadline: new Deadline(ms, { onExpire: () => this.#late(ms) }) };
    this.#limit.deadline.start();
  }

  /**
   * Called when the time of `close` is over. If only the remote's end is missing, the end counts as orderly.
   * If not everything was handed over, the connection fails with ERR_TIMEOUT.
   */
  #late(within: number): void {
    const { duplex, outbound, remoteAddress } = this.#of;
    const { queued } = outbound;
    if (duplex.writableFinished) {
      this.#of.fail(transport.closed('closed', remoteAddress));
      return;
    }
    const what = queued === 0 ? 'What was sent was' : `${queued} queued bytes were`;
    const facts = `${what} not handed over to the operating system within ${within} ms`;
    const numbers = { remoteAddress, limit: within, queued };
    this.#of.fail(transport.connectionError('ERR_TIMEOUT', facts, numbers));
  }
}
