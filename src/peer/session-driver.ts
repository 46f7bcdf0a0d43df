// Runs a session on a real duplex, and owns both. Received messages go into the session. Messages of the
// session go out as fast as the remote takes them. A deadline watches both directions. The peer calls methods
// of the session only through `act`, which then sends the messages that the call has led to.

import type { Duplex } from 'node:stream';
import { NO_BYTES } from '../codec/bytes.ts';
import { rawBytes } from '../codec/raw-bytes.ts';
import { isUnstickError, ProtocolError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { internals } from '../stream/connection.ts';
import type { Connection } from '../stream/connection.ts';
import { Deadline } from '../stream/deadline.ts';
import type { Timed } from '../stream/deadline.ts';
import { framed } from '../stream/framed.ts';
import type { Sink } from '../stream/reading.ts';
import { connectionError, lost } from '../stream/transport.ts';
import { peerCodec } from './session/peer-codec.ts';
import type { PlacedMessage } from './session/peer-codec.ts';
import type { ResolvedPeerOptions } from './peer-options.ts';
import { sizeOf } from './session/outbox.ts';
import type { Outgoing } from './session/outbox.ts';
import { Session } from './session/session.ts';
import type { SessionEvents } from './session/session-events.ts';

/** Number of bytes after which the pump waits for room in the connection, and lets the event loop turn. */
const BURST_LENGTH = 64 * 1024;
/** Time in ms that the remote has to end its side after both sides have closed. */
const LAST_WORDS_MS = 2000;
/** Time in ms that queued bytes have to go out when an error has ended the peer. */
const FLUSH_MS = 1000;
const RESET_DELAY_MS = 20;
/**
 * Number of bytes which the kernel must take between two looks, so that the remote counts as alive. Our own
 * pings are shorter, so they do not count.
 */
const PROGRESS_LENGTH = 1024;
/**
 * Number of received messages after which we send the messages that they led to, even in the middle of a
 * batch.
 */
const TURN_LENGTH = 64;
/**
 * Time in ms that a peer may work before it lets the event loop turn, so that other connections are served,
 * timers fire and connections are accepted.
 */
const MAX_TURN_MS = 4;

export interface DriverEvents extends SessionEvents {
  /** Called once, when the peer is over: in order, or because of `failure`. */
  over(failure: UnstickError | undefined): void;
  /** Returns a promise to wait for before more is read, or `undefined` if there is room. */
  room(): Promise<void> | undefined;
}

export class SessionDriver implements Timed, Sink<PlacedMessage> {
  readonly #options: ResolvedPeerOptions;
  readonly #events: DriverEvents;
  readonly #connection: Connection<Uint8Array, PlacedMessage>;
  readonly #deadline: Deadline;
  readonly #session: Session;
  /** Time at which the event loop last turned for this peer. */
  #turnedAt = performance.now();
  #messages = 0;
  #heardLength = 0;
  #sentLength = 0;
  #pumping = false;
  /** Number of bytes that were handed over since we last waited for room. */
  #burst = 0;
  /** Whether reading is paused, because our own handlers are slow or the remote floods. */
  #pausing = false;
  /**
   * Whether both sides have closed and nothing is under way, so that this side has begun to end the
   * connection.
   */
  #ending = false;
  isOver = false;
  /** The error that ended the peer, if it did not end in order. */
  failure: UnstickError | undefined;
  /** The promise of `over`, once it was asked for, and the function that resolves it. */
  #over: Promise<UnstickError | undefined> | undefined;
  #onOver: ((failure: UnstickError | undefined) => void) | undefined;
  /** The promise of `#whenGone`, once it was asked for. */
  #gone: Promise<unknown> | undefined;

  constructor(duplex: Duplex, options: ResolvedPeerOptions, events: DriverEvents) {
    this.#options = options;
    this.#events = events;
    const { limits, maxHelloLength } = options;
    const codec = peerCodec({ ...limits, maxHelloLength });
    this.#deadline = new Deadline(Infinity, this);
    this.#session = new Session({ codec, options, events, now: performance.now() });
    this.#connection = framed(duplex, { read: codec, write: rawBytes() }, options.framing);
    this.#readOn();
    this.#wake();
  }

  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  /** Resolves when the peer is over: with `undefined` after an orderly end, otherwise with the failure. */
  get over(): Promise<UnstickError | undefined> {
    this.#over ??= new Promise((resolve) => {
      this.#onOver = resolve;
      if (this.isOver) {
        resolve(this.failure);
      }
    });
    return this.#over;
  }

  /** A number that grows with every byte and message of the remote. */
  get progress(): number {
    return this.#connection.stats.received.bytes + this.#messages;
  }

  /** Calls a method of the session, and then sends the messages to which it led. */
  act<R>(verb: (session: Session) => R): R {
    try {
      return verb(this.#session);
    } finally {
      this.#wake();
    }
  }

  #wake(): void {
    if (this.#pumping || this.isOver) {
      return;
    }
    this.#pumping = true;
    void this.#pump();
  }

  /** Ends the peer at once because of `failure`, with a reset. */
  destroy(failure: UnstickError): void {
    this.#end(failure);
    this.#connection.destroy();
  }

  /** Reads until `onBatch` returns true. */
  #readOn(): void {
    internals(this.#connection).feed(this);
  }

  /** Handles messages that came. If that takes longer, stops the reading, and then reads on. */
  onBatch(batch: readonly PlacedMessage[]): boolean {
    this.#session.heard(performance.now());
    // Bytes that have moved until now have already counted as a sign of life. Note them here, so that they do
    // not count again when the deadline expires.
    const { received, sent } = this.#connection.stats;
    this.#heardLength = received.bytes;
    this.#sentLength = sent.bytes;
    const messages = batch.values();
    try {
      const pause = this.#handle(messages);
      if (pause === undefined) {
        return this.isOver;
      }
      void this.#catchUp(messages, pause);
    } catch (error) {
      this.onReadingOver(error);
    }
    return true;
  }

  /** Handles the messages of a batch that are left after each pause, and then reads on. Never rejects. */
  async #catchUp(messages: IterableIterator<PlacedMessage>, pause: Promise<void>): Promise<void> {
    try {
      let next: Promise<void> | undefined = pause;
      while (next !== undefined) {
        await next;
        next = this.#handle(messages);
      }
    } catch (error) {
      this.#readingFailed(error);
      return;
    }
    if (!this.isOver) {
      this.#readOn();
    }
  }

  onReadingOver(error?: unknown): void {
    // The connection calls this in the middle of its own work, and ending the peer calls the application.
    queueMicrotask(() => (error === undefined ? this.#remoteEnded() : this.#readingFailed(error)));
  }

  #remoteEnded(): void {
    const isInOrder = this.#ending || this.#session.isOver;
    this.#end(isInOrder ? undefined : endedEarly(this.remoteAddress));
    this.#sayGoodbye();
  }

  #readingFailed(error: unknown): void {
    const isInOrder = this.#ending && !(error instanceof ProtocolError);
    const failure = isUnstickError(error) ? error : lost(error, this.remoteAddress);
    this.#end(isInOrder ? undefined : failure);
    this.#sayGoodbye();
  }

  /**
   * Handles messages. Returns a promise to wait for before the messages that are left are handled, and before
   * more is read, or `undefined` if there is nothing to wait for.
   */
  #handle(messages: IterableIterator<PlacedMessage>): Promise<void> | undefined {
    for (const message of messages) {
      if (this.isOver) {
        return undefined;
      }
      this.#session.receive(message);
      if (++this.#messages % TURN_LENGTH === 0) {
        this.#wake();
      }
      const room = this.#events.room();
      if (room !== undefined || this.#session.heldUntil > performance.now()) {
        return this.#pause(room);
      }
    }
    this.#wake();
    return performance.now() - this.#turnedAt >= MAX_TURN_MS ? this.#turn() : undefined;
  }

  /** Waits for room, and for as long as the session is held. */
  async #pause(room: Promise<void> | undefined): Promise<void> {
    if (room !== undefined) {
      await this.#pauseFor(room, this.#options.eventTimeout);
    }
    const heldMs = this.#session.heldUntil - performance.now();
    if (heldMs > 0) {
      await this.#holdFor(heldMs);
    }
  }

  /** Reads nothing for `ms`, because the remote floods this side. */
  async #holdFor(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const paid = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.ceil(ms));
    });
    try {
      await this.#pauseFor(paid, Infinity);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads nothing until `room` resolves, or the peer is over. Throws ERR_TIMEOUT after `limit` ms. */
  async #pauseFor(room: Promise<void>, limit: number): Promise<void> {
    this.#wake();
    // While we do not read, we cannot tell whether the remote is silent. So stop the clock of its silence,
    // and keep sends from starting that clock again.
    this.#pausing = true;
    this.#deadline.stop();
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((_, reject) => {
      if (limit === Infinity) {
        return;
      }
      timer = setTimeout(() => reject(heldUp(limit, this.remoteAddress)), limit);
    });
    try {
      // While nothing is read, a loss shows only in the 'close' of the duplex.
      await Promise.race([room, this.over, this.#whenGone(), tooLong]);
    } finally {
      clearTimeout(timer);
      this.#pausing = false;
    }
    if (this.#connection.duplex.destroyed) {
      throw lost(undefined, this.remoteAddress);
    }
    this.#session.heard(performance.now());
    this.#arm();
  }

  /** Sends all messages of the session, as fast as the connection takes them. Never rejects. */
  async #pump(): Promise<void> {
    for (let next = this.#session.next(); next !== undefined; next = this.#session.next()) {
      const room = this.#send(next);
      this.#burst += sizeOf(next);
      if (this.#burst < BURST_LENGTH) {
        continue;
      }
      this.#burst = 0;
      try {
        await room;
        // If the socket takes everything, `room` resolves at once. Let the event loop turn all the same, so
        // that other connections are served.
        await this.#turn();
      } catch {
        // The reading side sees the loss as well, and ends the peer, so do nothing here.
        return;
      }
    }
    this.#pumping = false;
    this.#arm();
    if (this.#session.isFinished && !this.#ending) {
      this.#finish();
    }
  }

  /** Resolves when the event loop has turned. */
  async #turn(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.#turnedAt = performance.now();
  }

  /** Hands a message to the connection. Resolves when there is room for more. */
  #send({ pieces, onTaken, onReusable }: Outgoing): Promise<void> | undefined {
    let room: Promise<void> | undefined;
    let left = pieces.length;
    const connection = internals(this.#connection);
    for (const piece of pieces) {
      // The kernel takes the pieces in order, so when it has the last piece, it has all.
      room = connection.sendOwned(piece, --left === 0 ? onReusable : undefined);
    }
    onTaken?.();
    return room;
  }

  /** Called when both sides have closed. Sends the queued bytes, however long that takes, and then FIN. */
  #finish(): void {
    this.#ending = true;
    const last = (): void => this.#giveLastWords();
    this.#connection.end().then(last, () => this.#connection.destroy());
    // Keep the deadline running, because it notices when the remote takes no more bytes.
    this.#arm();
  }

  /**
   * Called when reading is over. If an error ended the peer, lets queued bytes go out, so that the remote
   * learns the reason, and then resets the duplex.
   */
  #sayGoodbye(): void {
    const { duplex } = this.#connection;
    if (duplex.destroyed || this.#ending) {
      return;
    }
    // Wait a moment before the reset: a reset that arrives together with the last bytes would hide them from
    // the remote.
    const reset = (): void => void setTimeout(() => this.#connection.destroy(), RESET_DELAY_MS);
    const timer = setTimeout(reset, FLUSH_MS);
    void this.#whenGone().then(() => clearTimeout(timer));
    if (this.#connection.stats.queued === 0) {
      reset();
    } else {
      void internals(this.#connection).sendOwned(NO_BYTES, reset);
    }
  }

  /** Gives the remote LAST_WORDS_MS to end its side, and then resets the duplex. */
  #giveLastWords(): void {
    const timer = setTimeout(() => this.#connection.destroy(), LAST_WORDS_MS);
    void this.#whenGone().then(() => clearTimeout(timer));
  }

  #end(failure: UnstickError | undefined): void {
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    this.failure = failure;
    this.#deadline.clear();
    this.#events.over(failure);
    this.#onOver?.(failure);
  }

  #arm(): void {
    if (this.isOver || this.#pausing) {
      return;
    }
    this.#deadline.runUntil(this.#session.deadline);
  }

  /** Called when the deadline of the session has come. */
  onExpire(): void {
    const now = performance.now();
    const { received, sent } = this.#connection.stats;
    // A ping waits until earlier bytes were sent. As long as the remote takes those bytes, it is alive.
    const isAlive =
      received.bytes > this.#heardLength || sent.bytes > this.#sentLength + PROGRESS_LENGTH;
    if (isAlive) {
      this.#session.heard(now);
    }
    this.#heardLength = received.bytes;
    this.#sentLength = sent.bytes;
    this.#session.tick(now);
    this.#wake();
    this.#arm();
  }

  /** Resolves when the duplex is closed. */
  #whenGone(): Promise<unknown> {
    const { duplex } = this.#connection;
    this.#gone ??= duplex.closed
      ? Promise.resolve()
      : new Promise((resolve) => void duplex.once('close', resolve));
    return this.#gone;
  }

  /** Ends the peer because its remote is silent. */
  giveUp(what: 'hello' | 'heartbeat'): void {
    const limit = what === 'hello' ? this.#options.helloTimeout : this.#options.heartbeat.timeout;
    const missing = what === 'hello' ? 'said no hello' : 'did not answer a ping';
    const { remoteAddress } = this;
    const init = { remoteAddress, limit, reason: what };
    const facts = `The remote ${missing} within ${limit} ms`;
    this.destroy(connectionError('ERR_PEER_SILENT', facts, init));
  }
}

function heldUp(limit: number, remoteAddress: string | undefined): UnstickError {
  const facts = `Handlers of events held up the reading for ${limit} ms`;
  return connectionError('ERR_TIMEOUT', facts, { remoteAddress, limit });
}

function endedEarly(remoteAddress: string | undefined): UnstickError {
  const facts = 'The remote ended the connection without a close message';
  return connectionError('ERR_CONNECTION_LOST', facts, { remoteAddress, reason: 'end' });
}
