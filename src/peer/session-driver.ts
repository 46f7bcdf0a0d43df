// The session on a real duplex. It owns both: what comes goes into the session, what the session has goes
// out as fast as the other side takes it, and a deadline looks after both. Every verb goes through `act`,
// which sends what it led to.

import type { Duplex } from 'node:stream';
import { NO_BYTES } from '../codec/bytes.ts';
import { rawBytes } from '../codec/raw-bytes.ts';
import { isUnstickError, ProtocolError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { internals } from '../stream/connection.ts';
import type { Connection } from '../stream/connection.ts';
import { Deadline } from '../stream/deadline.ts';
import { framed } from '../stream/framed.ts';
import { connectionError, lost } from '../stream/transport.ts';
import { peerCodec } from './session/peer-codec.ts';
import type { PlacedMessage } from './session/peer-codec.ts';
import type { ResolvedPeerOptions } from './peer-options.ts';
import { sizeOf } from './session/outbox.ts';
import type { Outgoing } from './session/outbox.ts';
import { Session } from './session/session.ts';
import type { SessionEvents } from './session/session-events.ts';
import { Turn } from './turn.ts';

/** Number of bytes that are handed over before the other side has to take them and others have their turn. */
const BURST_LENGTH = 64 * 1024;
/** Time in ms that the other side has to end, too, when all has been said. */
const LAST_WORDS_MS = 2000;
/** Time in ms that what was sent has to go out, when it is over because of an error. */
const FLUSH_MS = 1000;
const RESET_DELAY_MS = 20;
/** More than the pings of a while: this many bytes that left are a sign of life. */
const PROGRESS_LENGTH = 1024;
/** Number of messages that are taken before what they provoked is sent. */
const TURN_LENGTH = 64;

export interface DriverEvents extends Omit<SessionEvents, 'silent'> {
  /** It is over: in order, or because of `failure`. Called once. */
  over(failure: UnstickError | undefined): void;
  /** Something to wait for before more is read. */
  room(): Promise<void> | undefined;
}

export class SessionDriver {
  readonly #options: ResolvedPeerOptions;
  readonly #events: DriverEvents;
  readonly #connection: Connection<Uint8Array, PlacedMessage>;
  readonly #deadline: Deadline;
  readonly #session: Session;
  readonly #turn = new Turn();
  #messages = 0;
  #heardLength = 0;
  #sentLength = 0;
  #pumping = false;
  /** Bytes handed over since it was asked whether there is room. */
  #burst = 0;
  /** Nothing is read: our own handlers are slow. */
  #pausing = false;
  /** Both sides have said that all is over. */
  #ending = false;
  #onOver: (failure: UnstickError | undefined) => void = () => undefined;
  /** Resolves when it is over: with nothing after an orderly end, else with the failure. */
  readonly over: Promise<UnstickError | undefined>;
  isOver = false;
  /** The duplex is closed. */
  readonly #gone: Promise<void>;

  constructor(duplex: Duplex, options: ResolvedPeerOptions, events: DriverEvents) {
    this.#options = options;
    this.#events = events;
    this.over = new Promise((resolve) => {
      this.#onOver = resolve;
    });
    const { limits, frameTimeout, sendTimeout, maxHelloLength } = options;
    const codec = peerCodec({ ...limits, maxHelloLength });
    const progress = (): number => this.progress;
    this.#deadline = new Deadline(Infinity, () => this.#tick(), { progress });
    const silent = (what: 'hello' | 'heartbeat'): void => this.#silent(what);
    this.#session = new Session({
      codec,
      options,
      events: { ...events, silent },
      now: performance.now(),
    });
    this.#connection = framed(
      duplex,
      { read: codec, write: rawBytes() },
      // The pump waits for room, so what is queued is one message more than the mark.
      { frameTimeout, sendTimeout, maxQueuedLength: Number.MAX_SAFE_INTEGER },
    );
    this.#gone = duplex.closed
      ? Promise.resolve()
      : new Promise((resolve) => void duplex.once('close', resolve));
    void this.#read();
    this.#wake();
  }

  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  /** Grows with every byte and message of the other side. */
  get progress(): number {
    return this.#connection.stats.received.bytes + this.#messages;
  }

  /** Does something with the session, and sends what came of it. */
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

  /** Ends at once. */
  destroy(failure: UnstickError): void {
    this.#end(failure);
    this.#connection.destroy();
  }

  async #read(): Promise<void> {
    try {
      for await (const batch of this.#connection.batches()) {
        await this.#hear(batch);
        if (this.isOver) {
          return;
        }
      }
      const isInOrder = this.#ending || this.#session.isOver;
      this.#end(isInOrder ? undefined : endedEarly(this.remoteAddress));
    } catch (error) {
      const isInOrder = this.#ending && !(error instanceof ProtocolError);
      const failure = isUnstickError(error) ? error : lost(error, this.remoteAddress);
      this.#end(isInOrder ? undefined : failure);
    }
    this.#sayGoodbye();
  }

  async #hear(batch: readonly PlacedMessage[]): Promise<void> {
    this.#session.heard(performance.now());
    // What moved until now must not count once more when the deadline expires.
    const { received, sent } = this.#connection.stats;
    this.#heardLength = received.bytes;
    this.#sentLength = sent.bytes;
    for (const message of batch) {
      if (this.isOver) {
        return;
      }
      this.#session.receive(message);
      if (++this.#messages % TURN_LENGTH === 0) {
        this.#wake();
      }
      const room = this.#events.room();
      if (room !== undefined) {
        await this.#pauseFor(room, this.#options.eventTimeout);
      }
      const heldMs = this.#session.heldUntil - performance.now();
      if (heldMs > 0) {
        await this.#holdFor(heldMs);
      }
    }
    this.#wake();
    await this.#turn.over();
  }

  /** The other side floods: nothing is read for a while. */
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

  async #pauseFor(room: Promise<void>, limit: number): Promise<void> {
    this.#wake();
    // Until then the silence is ours, also where something is sent meanwhile.
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
      // A loss is not heard of while nothing is read, except as the end of the duplex.
      await Promise.race([room, this.over, this.#gone, tooLong]);
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

  /** Sends what there is, as fast as the connection takes it. Never rejects. */
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
        // A socket that takes everything resolves at once: others must have their turn all the same.
        await this.#turn.next();
      } catch {
        // The reading side hears of the loss, and tells everyone.
        return;
      }
    }
    this.#pumping = false;
    this.#arm();
    if (this.#session.isFinished && !this.#ending) {
      this.#finish();
    }
  }

  /** Hands a message to the connection. Resolves when there is room for more. */
  #send({ pieces, onTaken, onReusable }: Outgoing): Promise<void> | undefined {
    let left = pieces.length;
    const onPiece = (): void => {
      if (--left === 0) {
        onReusable?.();
      }
    };
    let room: Promise<void> | undefined;
    const connection = internals(this.#connection);
    for (const piece of pieces) {
      room = connection.sendOwned(piece, onReusable && onPiece);
    }
    onTaken?.();
    return room;
  }

  /** Both sides are done: what was sent goes out, however long it takes, and then the end. */
  #finish(): void {
    this.#ending = true;
    const last = (): void => this.#giveLastWords();
    this.#connection.end().then(last, () => this.#connection.destroy());
    // The deadline goes on: it notices when nothing leaves any more.
    this.#arm();
  }

  /** It is over because of an error: what was sent may still go out, so that the other side learns why. */
  #sayGoodbye(): void {
    const { duplex } = this.#connection;
    if (duplex.destroyed || this.#ending) {
      return;
    }
    // A reset that comes together with the last bytes would hide them from the other side.
    const reset = (): void => void setTimeout(() => this.#connection.destroy(), RESET_DELAY_MS);
    const timer = setTimeout(reset, FLUSH_MS);
    void this.#gone.then(() => clearTimeout(timer));
    if (this.#connection.stats.queued === 0) {
      reset();
    } else {
      void internals(this.#connection).sendOwned(NO_BYTES, reset);
    }
  }

  #giveLastWords(): void {
    const timer = setTimeout(() => this.#connection.destroy(), LAST_WORDS_MS);
    void this.#gone.then(() => clearTimeout(timer));
  }

  #end(failure: UnstickError | undefined): void {
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    this.#deadline.clear();
    this.#events.over(failure);
    this.#onOver(failure);
  }

  #arm(): void {
    if (this.isOver || this.#pausing) {
      return;
    }
    this.#deadline.runUntil(this.#session.deadline);
  }

  #tick(): void {
    const now = performance.now();
    const { received, sent } = this.#connection.stats;
    // A ping waits behind what was sent before it: while that gets through, the other side lives.
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

  #silent(what: 'hello' | 'heartbeat'): void {
    const limit = what === 'hello' ? this.#options.helloTimeout : this.#options.heartbeat.timeout;
    const missing = what === 'hello' ? 'said no hello' : 'did not answer a ping';
    const { remoteAddress } = this;
    const init = { remoteAddress, limit, reason: what };
    const facts = `The other side ${missing} within ${limit} ms`;
    this.destroy(connectionError('ERR_PEER_SILENT', facts, init));
  }
}

function heldUp(limit: number, remoteAddress: string | undefined): UnstickError {
  const facts = `Handlers of events held up the reading for ${limit} ms`;
  return connectionError('ERR_TIMEOUT', facts, { remoteAddress, limit });
}

function endedEarly(remoteAddress: string | undefined): UnstickError {
  const facts = 'The other side ended without a close';
  return connectionError('ERR_CONNECTION_LOST', facts, { remoteAddress, reason: 'end' });
}
