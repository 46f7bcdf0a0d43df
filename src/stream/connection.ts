// A framed connection: the two halves on one duplex, its lifecycle, its timers. It owns the duplex from
// `framed()` until `release`. Reading and writing end apart (half-close); `docs/connection.md` has the
// table of what each way of ending does.

import type { Duplex } from 'node:stream';
import type { FrameVisitor } from '../codec/codec.ts';
import type { ConnectionError, ProtocolError, UnstickError } from '../errors.ts';
import { deadline, Deadline } from './deadline.ts';
import { errorChannel, frameChannel, skipChannel } from './diagnostics.ts';
import type { CodecPair } from './codec-pair.ts';
import { MAX_TIMEOUT, resolveOptions, whole } from './framed-options.ts';
import type { FramedOptions, ResolvedOptions } from './framed-options.ts';
import { Inbound } from './inbound.ts';
import { iterate, valueOf } from './iterate.ts';
import { Outbound } from './outbound.ts';
import type { Owner } from './owner.ts';
import { restoreUnread } from './release.ts';
import { statsOf } from './stats.ts';
import type { ConnectionStats } from './stats.ts';
import * as transport from './transport.ts';

/** How long a closed connection waits for somebody to read on, or for the remote to end as well. */
const LINGER_MS = 30_000;

export class Connection<In, Out> implements AsyncIterable<Out> {
  readonly #duplex: Duplex;
  readonly #options: ResolvedOptions;
  readonly #inbound: Inbound<Out>;
  readonly #outbound: Outbound<In>;
  readonly #idle: Deadline;
  #linger: Deadline | undefined;
  readonly #wasHalfOpen: boolean;
  #remoteAddress: string | undefined;
  #onConnect: (() => unknown) | undefined;
  #onAbort: (() => void) | undefined;
  #skipped = 0;
  #framesAtLinger = 0;
  #failure: UnstickError | undefined;
  #closing: Promise<void> | undefined;

  constructor(duplex: Duplex, codec: CodecPair<In, Out>, options: FramedOptions) {
    this.#options = resolveOptions(options);
    transport.occupy(duplex);
    this.#duplex = duplex;
    this.#idle = deadline(this.#options.idleTimeout, () => this.#idled());
    const { onSkip } = this.#options;
    const decoder = codec.read.decoder(
      onSkip === undefined ? undefined : { onSkip: (error) => this.#skip(error, onSkip) },
    );
    const owner = new Connection.#Owner(this);
    this.#outbound = new Outbound(duplex, codec.write, owner);
    this.#inbound = new Inbound(duplex, decoder, owner);
    this.#wasHalfOpen = duplex.allowHalfOpen;
    duplex.allowHalfOpen = true;
    transport.sendAtOnce(duplex);
    duplex.on('error', this.#onError).on('close', this.#onClose);
    // A socket that is still connecting has no address yet, and a broken one has none any more.
    if (this.remoteAddress === undefined) {
      this.#onConnect = () => this.remoteAddress;
      duplex.once('connect', this.#onConnect);
    }
    this.#idle.start();
    this.#watchSignal();
    // What had happened before has no event any more.
    if (duplex.destroyed) this.#onClose();
    else if (duplex.writableEnded)
      this.#outbound.fail(transport.closed('closed', this.remoteAddress));
  }

  /** The duplex below. Reading from it or writing to it breaks the framing. */
  get duplex(): Duplex {
    return this.#duplex;
  }

  /** `address:port` of the other side, where the duplex has one. */
  get remoteAddress(): string | undefined {
    // A socket forgets the address when it breaks.
    this.#remoteAddress ??= transport.remoteAddressOf(this.#duplex);
    return this.#remoteAddress;
  }

  get stats(): ConnectionStats {
    return statsOf(this.#inbound.intake, this.#outbound, this.#skipped);
  }

  /**
   * Sends one value. Resolves when the bytes are under the high-water mark; awaiting it is what keeps
   * memory flat. Rejects with ERR_FRAME_UNENCODABLE (nothing was written), ERR_QUEUE_FULL, or the loss.
   * `onReusable` is called when the value's bytes may be overwritten: at once where they were copied,
   * else when they are out.
   */
  send(value: In, onReusable?: () => void): Promise<void> {
    return this.#outbound.send(value, onReusable);
  }

  /**
   * The next value; `undefined` when the remote has ended at a boundary. With a `timeout` in ms it
   * rejects with ERR_TIMEOUT, and what comes later goes to the next reader.
   */
  receive(options: { readonly timeout?: number } = {}): Promise<Out | undefined> {
    const { timeout = 0 } = options;
    // Chained, not awaited: every function that awaits a body's bytes costs as much as its framing.
    return timeout === 0 ? this.#inbound.next().then(valueOf) : this.#receiveWithin(timeout);
  }

  /** Values in order, until the remote ends. Leaving the loop leaves the connection as it is. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Out, undefined> {
    return iterate(() => this.#inbound.next());
  }

  /** Values in arrays, one for each chunk that completed any; for many small values. */
  batches(): AsyncIterableIterator<Out[], undefined> {
    return iterate(() => this.#inbound.nextBatch());
  }

  /**
   * Shows every frame to `visit`, without an object for each, until the remote ends. The bytes are
   * valid only during the visit. Only for codecs whose values are byte frames.
   */
  scan(visit: FrameVisitor): Promise<void> {
    return this.#inbound.scan(visit);
  }

  /**
   * Ends the sending side: everything sent goes out, then FIN. Resolves when the operating system has
   * it all. Reading goes on until the remote ends as well; with `discardUnread` nobody reads on, and
   * what still comes is dropped.
   */
  close(options: { readonly discardUnread?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#finish();
    // Whoever reads or awaits hears of a loss; a close that nobody awaits must not end the process.
    this.#closing.catch(() => undefined);
    if (options.discardUnread === true) this.#inbound.discard();
    return this.#closing;
  }

  /** Ends at once: nothing more is sent or read; pending reads and sends fail with ERR_CONNECTION_CLOSED. */
  destroy(cause?: unknown): void {
    this.#end(transport.closed('destroyed', this.remoteAddress, cause));
  }

  /**
   * Ends the framing and hands the duplex back, paused, with every unread byte in front of it. What
   * was sent is written. (When the remote's end had been seen already and bytes are unread, a node
   * duplex takes nothing back: then the result is a new Duplex that gives them and writes to the old.)
   */
  release(): Duplex {
    if (this.#failure !== undefined) throw this.#failure;
    const rest = this.#inbound.detach();
    const released = transport.closed('released', this.remoteAddress);
    transport.vacate(this.#duplex);
    this.#outbound.refuse(released);
    this.#duplex.off('error', this.#onError).off('close', this.#onClose);
    if (this.#onConnect !== undefined) this.#duplex.off('connect', this.#onConnect);
    this.#stop(released);
    this.#duplex.allowHalfOpen = this.#wasHalfOpen;
    return restoreUnread(this.#duplex, rest, this.#inbound.hasEnded);
  }

  /** Ends reading as if the remote had ended, once no value is begun; for servers that shut down. */
  stopReading(): void {
    this.#inbound.stopAtBoundary();
  }

  /** Closes; where that fails, destroys. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.close({ discardUnread: true });
    } catch {
      this.destroy();
    }
  }

  /** One object for both halves: a function for each of these made an idle connection a tenth larger. */
  static readonly #Owner = class<I, O> implements Owner {
    readonly #connection: Connection<I, O>;
    readonly options: ResolvedOptions;

    constructor(connection: Connection<I, O>) {
      this.#connection = connection;
      this.options = connection.#options;
    }

    get remoteAddress(): string | undefined {
      return this.#connection.remoteAddress;
    }

    onBytes(): void {
      this.#connection.#idle.restart();
    }

    onValue(value: unknown): void {
      frameChannel.publish({ connection: this.#connection, value });
    }

    onError(error: UnstickError): void {
      this.#connection.#publish(error);
    }

    onStall(error: ConnectionError): void {
      this.#connection.#end(error);
    }
  };

  async #receiveWithin(given: number): Promise<Out | undefined> {
    const timeout = whole('timeout', given, MAX_TIMEOUT);
    const expire = (): void =>
      this.#inbound.cancel(transport.timedOut(timeout, this.remoteAddress));
    const timer = setTimeout(expire, timeout);
    try {
      return (await this.#inbound.next()).value;
    } finally {
      clearTimeout(timer);
    }
  }

  async #finish(): Promise<void> {
    const duplex = this.#duplex;
    if (this.#failure !== undefined) {
      if (this.#failure.code === 'ERR_CONNECTION_CLOSED') return;
      throw this.#failure;
    }
    this.#outbound.refuse(transport.closed('closed', this.remoteAddress));
    if (!(await transport.finish(duplex)))
      throw this.#failure ?? transport.lost(duplex.errored, this.remoteAddress);
    if (this.#failure !== undefined) return;
    this.#linger ??= new Deadline(LINGER_MS, () => this.#lingered());
    this.#linger.restart();
  }

  readonly #onError = (error: unknown): void => {
    this.#stop(transport.lost(error, this.remoteAddress));
  };

  readonly #onClose = (): void => {
    if (this.#inbound.hasEnded) this.#stop(transport.closed('closed', this.remoteAddress));
    else this.#stop(transport.lost(this.#duplex.errored ?? undefined, this.remoteAddress));
  };

  /** Ends the connection because of `error`: the duplex as well. */
  #end(error: UnstickError): void {
    if (this.#failure !== undefined) return;
    this.#stop(error);
    this.#duplex.destroy();
  }

  /** Nothing more is read or sent because of `error`. */
  #stop(error: UnstickError): void {
    this.#idle.clear();
    this.#linger?.clear();
    if (this.#onAbort !== undefined)
      this.#options.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#failure !== undefined) return;
    this.#failure = error;
    if (error.code !== 'ERR_CONNECTION_CLOSED') this.#publish(error);
    if (error.reason !== 'released') this.#outbound.fail(error);
    this.#inbound.fail(error);
  }

  #publish(error: UnstickError): void {
    if (errorChannel.hasSubscribers) errorChannel.publish({ connection: this, error });
  }

  #skip(error: ProtocolError, onSkip: (error: ProtocolError) => void): void {
    this.#skipped++;
    if (skipChannel.hasSubscribers) skipChannel.publish({ connection: this, error });
    onSkip(error);
  }

  #idled(): void {
    if (this.#inbound.isHolding) return this.#idle.restart();
    const limit = this.#options.idleTimeout;
    this.#end(
      transport.connectionError('ERR_IDLE', `Nothing was received or sent for ${limit} ms`, {
        remoteAddress: this.remoteAddress,
        limit,
      }),
    );
  }

  /** Closed here, not over there, and nobody reads: the rest of the way is not waited for. */
  #lingered(): void {
    const { frames } = this.#inbound.intake;
    const hasReader = this.#inbound.isWaiting || frames > this.#framesAtLinger;
    this.#framesAtLinger = frames;
    if (hasReader) this.#linger?.restart();
    else this.destroy();
  }

  #watchSignal(): void {
    const { signal } = this.#options;
    if (signal === undefined) return;
    this.#onAbort = (): void =>
      this.#end(transport.closed('aborted', this.remoteAddress, signal.reason));
    if (signal.aborted) process.nextTick(this.#onAbort);
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }
}
