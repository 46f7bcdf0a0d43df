// The orderly endings of a connection: `end` flushes and sends FIN, `close` also waits for the remote, for
// a bounded time. What ends a connection at once stands in connection.ts.

import type { Duplex } from 'node:stream';
import type { UnstickError } from '../errors.ts';
import { handled } from './call.ts';
import { Deadline } from './deadline.ts';
import type { Inbound } from './inbound.ts';
import type { Outbound } from './outbound.ts';
import * as transport from './transport.ts';

/** The connection, as far as its endings must know it. */
export interface Endable {
  readonly duplex: Duplex;
  readonly inbound: Inbound<unknown>;
  readonly outbound: Outbound<never>;
  readonly remoteAddress: string | undefined;
  /** Why it is over already, if it is. */
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
   * Everything goes out, what comes is dropped, and within `ms` the socket is gone. FIN waits until
   * `line` has settled: sends that stand in line are accepted until then.
   */
  close(ms: number, line?: Promise<void>): Promise<void> {
    this.#limitTo(ms);
    this.#closed ??= handled(this.#close(line));
    return this.#closed;
  }

  /** The connection is over: no clock is left. */
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
    // What still stood in line had no bytes in the queue that could be counted as lost.
    const isLineCut = line !== undefined && this.#of.failure !== undefined;
    const ended = this.end();
    await transport.gone(duplex);
    duplex.destroy();
    this.clear();
    // A remote that resets when it has everything has everything: the reset is in `closed`.
    const isLost = isLineCut || this.#of.outbound.lost > 0;
    if (this.#of.failure === undefined || isLost) {
      await ended;
    }
  }

  /** The ending may take `ms` from now; an earlier call may have allowed less. */
  #limitTo(ms: number): void {
    const at = performance.now() + ms;
    if (this.#of.failure !== undefined || (this.#limit !== undefined && this.#limit.at <= at)) {
      return;
    }
    this.clear();
    this.#limit = { at, deadline: new Deadline(ms, () => this.#late(ms)) };
    this.#limit.deadline.start();
  }

  /** Everything was handed over and only the remote's end is missing, or the remote takes nothing. */
  #late(within: number): void {
    const { duplex, outbound, remoteAddress } = this.#of;
    const { queued } = outbound;
    if (duplex.writableFinished) {
      this.#of.fail(transport.closed('closed', remoteAddress));
      return;
    }
    const what = queued === 0 ? 'What was sent was' : `${queued} queued bytes were`;
    const facts = `${what} not handed over within ${within} ms`;
    const numbers = { remoteAddress, limit: within, queued };
    this.#of.fail(transport.connectionError('ERR_TIMEOUT', facts, numbers));
  }
}
