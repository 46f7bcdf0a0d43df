// A framed connection: a reading half and a writing half on one duplex, their lifecycle and their clocks. The
// connection owns the duplex from `framed()` until `release`. The two halves end separately (half-close).
// `docs/connection.md` has the table of what each way of ending does.

import type { Duplex } from 'node:stream';
import { unwatchAbort, watchAbort } from '../abort.ts';
import type { FrameVisitor } from '../codec/codec.ts';
import type { ProtocolError, UnstickError } from '../errors.ts';
import { limited, reported } from './call.ts';
import type { CodecPair } from './codec-pair.ts';
import { Ending } from './ending.ts';
import type { Endable } from './ending.ts';
import { chunkChannel, errorChannel, frameChannel, skipChannel } from './diagnostics.ts';
import * as resolve from './framed-options.ts';
import type {
  CloseOptions,
  FramedOptions,
  ReceiveOptions,
  ResolvedFramedOptions,
  SendOptions,
} from './framed-options.ts';
import { IdleClock } from './idle-clock.ts';
import { Inbound } from './inbound.ts';
import { ENDING, frameWith, listen, unframe, unlisten } from './listeners.ts';
import type { Framing } from './listeners.ts';
import { iterate, valueOf } from './reading.ts';
import type { Sink } from './reading.ts';
import { Outbound } from './outbound.ts';
import type { Owner } from './owner.ts';
import { restoreUnread } from './release.ts';
import { statsOf } from './stats.ts';
import type { ConnectionStats } from './stats.ts';
import * as transport from './transport.ts';

/** Methods that servers and message streams need of a connection, besides its public ones. */
export interface ConnectionInternals<In, Out> {
  /** Ends reading as if the remote had ended, as soon as no value is begun and none waits to be read. */
  stopAtBoundary(): void;
  /**
   * Sends bytes that belong to the library. Resolves when at most `highWaterMark` bytes are queued.
   * `onWritten` is called when the operating system also has these bytes, and never after a failure.
   */
  sendOwned(value: In, onWritten?: () => void): Promise<void>;
  /**
   * Shows each value to `see` until `see` returns true. The bytes of a value are valid only while `see` runs.
   * Resolves with whether `see` returned true before reading was over.
   */
  show(see: (value: Out) => boolean): Promise<boolean>;
  /** Gives every batch to `sink`, until the sink stops the reading or reading is over. */
  feed(sink: Sink<Out>): void;
  /**
   * Rejects the pending read with `error`, if there is a pending read. The next reader gets the values that
   * come later.
   */
  giveUpRead(error: UnstickError): void;
  /**
   * Closes as `close({ within })` does, but sends FIN only after `line` has settled, and accepts sends until
   * then. Values that the remote sends after this call are dropped.
   */
  closeAfter(line: Promise<void> | undefined, within: number): Promise<void>;
}

/**
 * Returns the internals of a connection. It is assigned inside the class, because only code of the class can
 * read its private fields.
 */
let internalsOf: <I, O>(connection: Connection<I, O>) => ConnectionInternals<I, O>;

export function internals<In, Out>(connection: Connection<In, Out>): ConnectionInternals<In, Out> {
  return internalsOf(connection);
}

/**
 * A framed connection over a duplex: sends values, reads them one by one, and ends in order. `framed`, `dial`
 * and `serve` make connections.
 */
export class Connection<In, Out> implements AsyncIterable<Out> {
  readonly #duplex: Duplex;
  readonly #options: ResolvedFramedOptions;
  readonly #inbound: Inbound<Out>;
  readonly #outbound: Outbound<In>;
  /** The clock of `idleTimeout`, if it has a limit. */
  readonly #idle: IdleClock | undefined;
  readonly #wasHalfOpen: boolean;
  #remoteAddress: string | undefined;
  #onConnect: (() => unknown) | undefined;
  #onAbort: (() => void) | undefined;
  #skipped = 0;
  /** Why the connection is over. Set once. */
  #failure: UnstickError | undefined;
  /** The promise of `closed`, once it was asked for, and the function that resolves it. */
  #closed: Promise<UnstickError | undefined> | undefined;
  #resolveClosed: ((error: UnstickError | undefined) => void) | undefined;
  /**
   * The orderly ending of this connection. It is made when an ending begins, to save memory: most connections
   * of a server live long and are idle.
   */
  #ending: Ending | undefined;

  constructor(duplex: Duplex, codec: CodecPair<In, Out>, options: FramedOptions) {
    this.#options = resolve.resolveFramedOptions(options);
    transport.checkFree(duplex);
    const { onSkip } = this.#options;
    const report = (error: ProtocolError): void => this.#skip(error);
    const decoder = codec.read.decoder(
      onSkip === undefined ? { onNoise: report } : { onSkip: report },
    );
    this.#duplex = duplex;
    const owner = new Connection.#Owner(this);
    frameWith(duplex, owner);
    this.#outbound = new Outbound(duplex, codec.write, owner);
    this.#inbound = new Inbound(duplex, decoder, owner);
    const isLimited = this.#options.idleTimeout !== Infinity;
    this.#idle = isLimited ? new IdleClock(duplex, owner, owner) : undefined;
    this.#wasHalfOpen = duplex.allowHalfOpen;
    duplex.allowHalfOpen = true;
    transport.sendAtOnce(duplex);
    listen(duplex, ENDING);
    // A socket that is still connecting has no address yet, so read the address when it has connected. (A
    // broken socket has lost its address.)
    if (this.remoteAddress === undefined) {
      this.#onConnect = () => this.remoteAddress;
      duplex.once('connect', this.#onConnect);
    }
    this.#watchSignal();
    // Events that fired before we subscribed will not fire again, so check for them here.
    if (duplex.destroyed) {
      this.#onClose();
    } else if (duplex.writableEnded) {
      this.#outbound.fail(transport.closed('closed', this.remoteAddress));
    }
  }

  /** The duplex below the framing. Code that reads from it or writes to it breaks the framing. */
  get duplex(): Duplex {
    return this.#duplex;
  }

  /** `address:port` of the remote, where the duplex has one. */
  get remoteAddress(): string | undefined {
    // Remember the address, because a broken socket no longer has it.
    this.#remoteAddress ??= transport.remoteAddressOf(this.#duplex);
    return this.#remoteAddress;
  }

  get stats(): ConnectionStats {
    return statsOf(this.#inbound.intake, this.#outbound, this.#skipped);
  }

  /**
   * Resolves when the connection is over: with `undefined` after an orderly end or a `release`, and otherwise
   * with the error that ended the connection. Never rejects.
   */
  get closed(): Promise<UnstickError | undefined> {
    this.#closed ??= new Promise((settle) => {
      this.#resolveClosed = settle;
      if (this.#failure !== undefined) {
        settle(failureOf(this.#failure));
      }
    });
    return this.#closed;
  }

  /**
   * Sends one value. Resolves when the caller may overwrite the bytes of the value and at most
   * `highWaterMark` bytes are queued. Await each send to keep memory flat. Rejects with ERR_FRAME_UNENCODABLE
   * (then nothing was written), with ERR_QUEUE_FULL, with ERR_ABORTED, or with the error that ended the
   * connection.
   */
  send(value: In, options?: SendOptions): Promise<void> {
    return options === undefined ? this.#outbound.send(value) : this.#sendLimited(value, options);
  }

  /**
   * Reads the next value. Resolves with `undefined` when the remote has ended at a boundary, when this side
   * has called `close`, or when its server shuts down. If `timeout` or `signal` gives the call up, the
   * connection goes on, and the next reader gets the values that come later.
   */
  receive(options?: ReceiveOptions): Promise<Out | undefined> {
    // Chain with `then` and do not await: each async function on the way of a body's bytes costs as much as
    // the framing.
    return options === undefined
      ? this.#inbound.next().then(valueOf)
      : this.#receiveLimited(options);
  }

  /**
   * Iterates over the values in order, until `receive` would give `undefined`. If the caller leaves the loop,
   * the connection goes on.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Out, undefined> {
    return iterate(this.#inbound, readNext);
  }

  /**
   * Iterates over the values in arrays. Each array holds all values that came whole since the array before
   * it. This is faster for many small values.
   */
  batches(): AsyncIterableIterator<Out[], undefined> {
    return iterate(this.#inbound, readBatch);
  }

  /**
   * Shows every frame to `visit` until `receive` would give `undefined`, and makes no object for each frame.
   * The bytes are valid only during the visit. It works only with codecs whose values are byte frames.
   */
  scan(visit: FrameVisitor): Promise<void> {
    return this.#inbound.scan(visit);
  }

  /**
   * Ends the sending side: everything that was sent goes out, then FIN. Resolves when the operating system
   * has all of it. Reading goes on until the remote ends as well.
   */
  end(): Promise<void> {
    return this.#inOrder().end();
  }

  /**
   * Ends the connection in order. Everything that was sent goes out, then FIN. What the remote still sends is
   * dropped until the remote ends too. Resolves when the socket is gone and the operating system has
   * everything. After `within` ms the socket is cut off; if the operating system does not have everything by
   * then, the promise rejects with ERR_TIMEOUT. `within` counts from the call and is 30 000 by default. A
   * later call can only shorten the time.
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      return this.#inOrder().close(resolve.resolveWithin(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Ends the connection at once, with a reset where the transport has one. Nothing more is sent or read, and
   * pending reads and sends fail with ERR_CONNECTION_CLOSED.
   */
  destroy(cause?: unknown): void {
    this.#end(transport.closed('destroyed', this.remoteAddress, cause));
  }

  /**
   * Ends the framing and returns the duplex, without our listeners and with every unread byte in front. What
   * was sent is written. A node duplex takes no bytes back after its end. So if the remote has ended and
   * bytes are unread, the result is a new Duplex that gives those bytes and writes to the old duplex. Throws
   * ERR_CONCURRENT_READ while a read waits, ERR_SKIP_UNFINISHED inside a frame that is being skipped or a
   * message of which fragments were taken, ERR_OPTION for a decoder without `takeRest`, ERR_CONNECTION_CLOSED
   * after `close`, and the error that ended the connection if it is over.
   */
  release(): Duplex {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    // If the duplex is broken and its 'error' is still to come, it would drop the bytes that we give back.
    if (this.#duplex.destroyed) {
      throw transport.lost(this.#duplex.errored, this.remoteAddress);
    }
    if (this.#ending?.isClosing === true) {
      throw transport.closed('closed', this.remoteAddress);
    }
    const { hasEnded } = this.#inbound;
    const rest = this.#inbound.detach();
    const released = transport.closed('released', this.remoteAddress);
    this.#outbound.refuse(released);
    this.#leaveDuplex();
    this.#stop(released);
    this.#duplex.allowHalfOpen = this.#wasHalfOpen;
    return restoreUnread(this.#duplex, rest, hasEnded);
  }

  /** Calls `close({ within: 5000 })`. A scope that fails should call `destroy(error)` first. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close({ within: resolve.DISPOSE_MS });
  }

  /**
   * The owner of both halves, as one object: separate closures for its members made an idle connection a
   * tenth larger.
   */
  static readonly #Owner = class<I, O> implements Owner, Endable, Framing {
    readonly #connection: Connection<I, O>;
    readonly options: ResolvedFramedOptions;

    constructor(connection: Connection<I, O>) {
      this.#connection = connection;
      this.options = connection.#options;
    }

    get connection(): Connection<I, O> {
      return this.#connection;
    }

    get remoteAddress(): string | undefined {
      return this.#connection.remoteAddress;
    }

    onBytes(): void {
      this.#connection.#idle?.restart();
    }

    onData(chunk: Uint8Array): void {
      this.#connection.#inbound.onData(chunk);
    }

    onEnd(): void {
      this.#connection.#inbound.onEnd();
    }

    onPause(): void {
      this.#connection.#inbound.onPause();
    }

    onBroken(error: unknown): void {
      const connection = this.#connection;
      const loss = transport.lost(error, connection.remoteAddress);
      transport.abandon(connection.#duplex, error);
      connection.#stop(loss);
    }

    onClose(): void {
      this.#connection.#onClose();
    }

    onChunk(direction: 'in' | 'out', bytes: Uint8Array): void {
      chunkChannel.publish({ connection: this.#connection, direction, bytes });
    }

    onValue(value: unknown): void {
      frameChannel.publish({ connection: this.#connection, value });
    }

    onError(error: UnstickError): void {
      this.#connection.#publish(error);
    }

    fail(error: UnstickError): void {
      this.#connection.#end(error);
    }

    get duplex(): Duplex {
      return this.#connection.#duplex;
    }

    get failure(): UnstickError | undefined {
      return this.#connection.#failure;
    }

    get inbound(): Inbound<O> {
      return this.#connection.#inbound;
    }

    get outbound(): Outbound<I> {
      return this.#connection.#outbound;
    }
  };

  static readonly #Internals = class<I, O> implements ConnectionInternals<I, O> {
    readonly of: Connection<I, O>;

    constructor(connection: Connection<I, O>) {
      this.of = connection;
    }

    stopAtBoundary(): void {
      this.of.#inbound.stopAtBoundary();
    }

    sendOwned(value: I, onWritten?: () => void): Promise<void> {
      return this.of.#outbound.sendOwned(value, onWritten);
    }

    show(see: (value: O) => boolean): Promise<boolean> {
      return this.of.#inbound.show(see);
    }

    feed(sink: Sink<O>): void {
      this.of.#inbound.feed(sink);
    }

    giveUpRead(error: UnstickError): void {
      const inbound = this.of.#inbound;
      inbound.cancel(inbound.waiting(), error);
    }

    closeAfter(line: Promise<void> | undefined, within: number): Promise<void> {
      return this.of.#inOrder().close(within, line);
    }
  };

  static {
    internalsOf = (connection) => new Connection.#Internals(connection);
  }

  async #receiveLimited(options: ReceiveOptions): Promise<Out | undefined> {
    const limits = resolve.resolveReceiveOptions(options);
    const inbound = this.#inbound;
    const others = inbound.waiting();
    const call = inbound.next().then(valueOf);
    // Cancel only a read that this call has begun. If this read was refused because another read was pending,
    // that other read goes on.
    const waiting = others === undefined ? inbound.waiting() : undefined;
    const cancel = (error: UnstickError): void => inbound.cancel(waiting, error);
    return limited(call, { ...limits, cancel }, this);
  }

  #sendLimited(value: In, options: SendOptions): Promise<void> {
    return reported(this.#sendUntil(value, options));
  }

  async #sendUntil(value: In, options: SendOptions): Promise<void> {
    const { signal } = resolve.resolveSendOptions(options);
    if (signal?.aborted === true) {
      throw transport.givenUp(signal, this.remoteAddress);
    }
    await limited(this.#outbound.send(value), { timeout: Infinity, signal }, this);
  }

  #inOrder(): Ending {
    this.#ending ??= new Ending(new Connection.#Owner(this));
    return this.#ending;
  }

  #onClose(): void {
    const { errored, writableFinished } = this.#duplex;
    const inbound = this.#inbound;
    const isOrderly = inbound.hasEnded || (inbound.isDropping && writableFinished);
    if (isOrderly) {
      this.#stop(transport.closed('closed', this.remoteAddress));
    } else {
      this.#stop(transport.lost(errored ?? undefined, this.remoteAddress));
    }
    this.#leaveDuplex();
  }

  /**
   * Lets go of a duplex that is closed or released. From then on the caller may frame the duplex or connect
   * it again.
   */
  #leaveDuplex(): void {
    const duplex = this.#duplex;
    unframe(duplex);
    this.#inbound.leaveDuplex();
    unlisten(duplex, ENDING);
    if (this.#onConnect !== undefined) {
      duplex.off('connect', this.#onConnect);
    }
  }

  /** Ends the connection because of `error`, and resets its duplex. */
  #end(error: UnstickError): void {
    if (this.#failure !== undefined) {
      return;
    }
    this.#stop(error);
    transport.reset(this.#duplex);
  }

  /**
   * Ends both halves because of `error`, but leaves the duplex as it is. Frames that came before a loss can
   * still be read.
   */
  #stop(error: UnstickError): void {
    this.#idle?.clear();
    this.#ending?.clear();
    if (this.#onAbort !== undefined) {
      unwatchAbort(this.#options.signal, this.#onAbort);
    }
    if (this.#failure !== undefined) {
      return;
    }
    this.#failure = error;
    if (error.code !== 'ERR_CONNECTION_CLOSED') {
      this.#publish(error);
    }
    if (error.reason !== 'released') {
      this.#outbound.fail(error);
    }
    this.#inbound.fail(error);
    this.#resolveClosed?.(failureOf(error));
  }

  #publish(error: UnstickError): void {
    if (errorChannel.hasSubscribers) {
      errorChannel.publish({ connection: this, error });
    }
  }

  #skip(error: ProtocolError): void {
    this.#skipped++;
    if (skipChannel.hasSubscribers) {
      skipChannel.publish({ connection: this, error });
    }
    this.#options.onSkip?.(error);
  }

  #watchSignal(): void {
    const { signal } = this.#options;
    if (signal === undefined) {
      return;
    }
    this.#onAbort = (): void =>
      this.#end(transport.closed('aborted', this.remoteAddress, signal.reason));
    if (signal.aborted) {
      process.nextTick(this.#onAbort);
    } else {
      watchAbort(signal, this.#onAbort);
    }
  }
}

function readNext<T>(inbound: Inbound<T>): Promise<IteratorResult<T, undefined>> {
  return inbound.next();
}

function readBatch<T>(inbound: Inbound<T>): Promise<IteratorResult<T[], undefined>> {
  return inbound.nextBatch();
}

/** Returns what `closed` resolves with: `undefined` after an orderly end or a release, else the error. */
function failureOf(error: UnstickError | undefined): UnstickError | undefined {
  const isOrderly = error?.reason === 'closed' || error?.reason === 'released';
  return error?.code === 'ERR_CONNECTION_CLOSED' && isOrderly ? undefined : error;
}
