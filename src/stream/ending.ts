// The orderly endings of a connection. `end` flushes and sends FIN. `close` does so too, and waits for the
// remote to end, for a bounded time. What ends a connection at once is in connection.ts.

import type { Duplex } from 'node:stream';
import type { UnstickError } from '../errors.ts';
import { handled } from './call.ts';
import { Deadline } from './deadline.ts';
import type { Inbound } from './inbound.ts';
import type { Outbound } from './outbound.ts';
import * as transport from './transport.ts';

/** What the endings need to know of the connection. */
export interface Endable {
  readonly duplex: Duplex;
  readonly inbound: Inbound<unknown>;
  readonly outbound: Outbound<never>;
  readonly remoteAddress: string | undefined;
  /** Why the connection is over, if it is. */
  readonly failure: UnstickError | undefined;
  /** Ends it at once. */
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

  /** Everything that was sent goes out, then FIN. */
  end(): Promise<void> {
    this.#ended ??= handled(this.#finish());
    return this.#ended;
  }

  /**
   * Sends out everything, drops what comes, and waits for the remote's end. After `ms` at most the socket is
   * gone. FIN waits until `line` has settled, and until then sends that stand in line are accepted.
   */
  close(ms: number, line?: Promise<void>): Promise<void> {
    this.#limitTo(ms);
    this.#closed ??= handled(this.#close(line));
    return this.#closed;
  }

  /** Called when the connection is over. Stops the clock of `close`. */
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
    // Sends that still stood in line had no bytes in the queue, so `lost` does not count them.
    const isLineCut = line !== undefined && this.#of.failure !== undefined;
    const ended = this.end();
    await transport.gone(duplex);
    duplex.destroy();
    this.clear();
    // If everything was handed over before the remote reset, `close` succeeds. `closed` tells of the reset.
    const isLost = isLineCut || this.#of.outbound.lost > 0;
    if (this.#of.failure === undefined || isLost) {
      await ended;
    }
  }

  /** The ending may take `ms` from now, unless an earlier call allows less. */
  #limitTo(ms: number): void {
    const at = performance.now() + ms;
    if (this.#of.failure !== undefined || (this.#limit !== undefined && this.#limit.at <= at)) {
      return;
    }
    this.clear();
    this.#limit = { at, deadline: new Deadline(ms, () => this.#late(ms)) };
    this.#limit.deadline.start();
  }

  /**
   * Called when the time is over. The end was orderly if only the remote's end is missing. If not everything
   * was handed over, the connection fails with ERR_TIMEOUT.
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
