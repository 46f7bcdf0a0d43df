// The state of a peer from the two hellos to the two closes: messages in, messages out, and events for the
// application. This file is pure: it has no socket, and time is a parameter.
//
// Before the remote's hello has come, only our hello is sent, because the remote's limits are not known yet.
// A peer that closes sends a close, finishes what is under way, and starts nothing new. The remote then does
// the same. When neither side has anything left to finish, both end the connection.
//
//         close(), or a close came     none waits for room     our close is out
//   open ──────────────────▶ draining ──────────▶ closing ──────────▶ closed      this side
//   silent ──hello──▶ open ──close──▶ closed                                      the remote

import { lengthOf } from '../../codec/bytes.ts';
import type { StreamPlace, UnstickError } from '../../errors.ts';
import { Channels } from './channels.ts';
import { FloodGate } from './flood.ts';
import { Heartbeat, Pings } from './heartbeat.ts';
import { Outbox } from './outbox.ts';
import type { SendCallbacks, Outgoing } from './outbox.ts';
import { wholeOf } from './peer-codec.ts';
import type { PeerCodec, PlacedMessage } from './peer-codec.ts';
import { flooded, peerClosed } from './peer-errors.ts';
import { Requests } from './requests.ts';
import type { Answer, RequestHooks } from './requests.ts';
import { callOf } from './session-events.ts';
import type { SessionEvents, SessionOptions } from './session-events.ts';
import { limitsOf, PEER_VERSION, readHeader, violation } from './wire.ts';
import type { Hello, Json, PeerHeader, PeerLimits } from './wire.ts';

/**
 * Number of answers that a remote may provoke without reading them, in addition to those that it may have
 * pending anyway.
 */
const SPARE_ANSWERS = 1024;

/** A received message without its header. */
type Come = Pick<PlacedMessage, 'body' | 'place' | 'headerLength'>;

export interface SessionParts {
  readonly codec: PeerCodec;
  readonly options: SessionOptions;
  readonly events: SessionEvents;
  /** The time in ms at which the session begins, by the clock of `heard` and `tick`. */
  readonly now: number;
}

/** The body of an event to send, and the callbacks of its message. */
export interface Notice extends SendCallbacks {
  readonly body: Uint8Array;
}

export class Session implements RequestHooks {
  readonly #events: SessionEvents;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  // The following three are made when they are first used: most peers are idle and need none of them.
  #requests: Requests | undefined;
  #channels: Channels | undefined;
  #flood: FloodGate | undefined;
  readonly #heartbeat: Heartbeat;
  readonly #helloDeadline: number;
  #sweepAt = -Infinity;
  /** Time at which bytes last came, or at which `tick` was last called. */
  #now: number;
  #hello: Outgoing | undefined;
  #remote: PeerLimits | undefined;
  readonly #pings = new Pings();
  #ours: 'open' | 'draining' | 'closing' | 'closed' = 'open';
  #theirs: 'silent' | 'open' | 'closed' = 'silent';

  constructor({ codec, options, events, now }: SessionParts) {
    const { limits, heartbeat, helloTimeout, maxQueuedLength } = options;
    this.#events = events;
    this.#options = options;
    this.#now = now;
    this.#outbox = new Outbox(codec, maxQueuedLength);
    this.#heartbeat = new Heartbeat(heartbeat, now);
    this.#helloDeadline = now + helloTimeout;
    const hello = { kind: 'hello', version: PEER_VERSION, ...limits } as const;
    this.#hello = this.#outbox.encode(hello);
  }

  /** The limits in the remote's hello. `undefined` before that hello. */
  get remote(): PeerLimits | undefined {
    return this.#remote;
  }

  /**
   * Whether both sides have closed and nothing is under way. From then on the remote may end the connection.
   */
  get isOver(): boolean {
    const isIdle = this.#requests?.isIdle !== false && this.#channels?.isIdle !== false;
    return this.#ours === 'closed' && this.#theirs === 'closed' && isIdle;
  }

  /**
   * Whether the session is over and nothing is left to send. From then on this side may end the connection.
   */
  get isFinished(): boolean {
    return this.isOver && this.#outbox.length === 0;
  }

  /** Time at which to call `tick`, by the clock of `heard`. A message that comes may change it. */
  get deadline(): number {
    if (this.#remote === undefined) {
      return this.#helloDeadline;
    }
    const sweepAt = this.#channels?.isIdle === false ? this.#sweepAt : Infinity;
    return Math.min(this.#heartbeat.deadline, sweepAt);
  }

  /**
   * The time until which nothing may be read, because the remote floods. It is in the past while reading may
   * go on.
   */
  get heldUntil(): number {
    return this.#flood?.heldUntil ?? -Infinity;
  }

  /**
   * Takes the next message to send. Returns `undefined` if there is none, or if the remote's hello must come
   * first.
   */
  next(): Outgoing | undefined {
    if (this.#hello !== undefined) {
      const hello = this.#hello;
      this.#hello = undefined;
      return hello;
    }
    if (this.#remote === undefined) {
      return undefined;
    }
    return this.#outbox.take() ?? this.#channels?.take();
  }

  /**
   * Called when the remote gave a sign of life: bytes came, even if only a part of a message, or the remote
   * took enough of our bytes.
   */
  heard(now: number): void {
    this.#now = now;
    this.#heartbeat.heard(now);
  }

  /**
   * Call this at `deadline`. It resets stalled channels, sends a ping, or reports that the remote is silent.
   */
  tick(now: number): void {
    this.#now = now;
    if (now < this.deadline) {
      return;
    }
    if (this.#remote === undefined) {
      this.#events.silent('hello');
      return;
    }
    this.#sweep(now);
    const due = this.#heartbeat.check(now);
    if (due === 'dead') {
      this.#events.silent('heartbeat');
    } else if (due === 'ping') {
      this.ping();
    }
  }

  /** Called when a message came. Throws ProtocolError when the remote broke a rule; the peer is then over. */
  receive({ header, body, place, headerLength }: PlacedMessage): void {
    const message = readHeader(header, lengthOf(body), place);
    const isHello = message.kind === 'hello';
    if (isHello !== (this.#remote === undefined)) {
      const facts = isHello ? 'A second hello' : `A ${message.kind} message before the hello`;
      throw violation(facts, place);
    }
    this.#handle(message, { body, place, headerLength });
    this.#checkAnswers(place);
    if (this.#flood?.isFlooded === true) {
      throw flooded(this.#options.flood, place);
    }
  }

  /**
   * Queues a request and returns its id. Throws ERR_CONNECTION_CLOSED, ERR_QUEUE_FULL or
   * ERR_FRAME_UNENCODABLE.
   */
  request(name: string, params: Json | undefined, body: Uint8Array): number {
    this.#checkOpen();
    return this.#useRequests().ask(name, params, body);
  }

  wasSent(id: number): boolean {
    return this.#requests?.wasSent(id) ?? true;
  }

  giveUp(id: number): void {
    this.#requests?.giveUp(id);
    this.#closeWhenReady();
  }

  answer(id: number, answer: Answer): void {
    this.#requests?.answer(id, answer);
  }

  notify(name: string, params: Json | undefined, { body, ...callbacks }: Notice): void {
    this.#checkOpen();
    const header = { kind: 'event', name, ...(params === undefined ? {} : { params }) } as const;
    const encoded = this.#outbox.encode(header, body.length === 0 ? [] : [body]);
    this.#outbox.checkRoom(encoded);
    this.#outbox.push(encoded, callbacks);
  }

  /**
   * Opens a channel and returns its id. `onOpened` is called when the remote has room for the channel and its
   * opening is queued.
   */
  open(name: string, params: Json | undefined, onOpened: () => void = ignore): number {
    this.#checkOpen();
    return this.#useChannels().open(name, params, onOpened);
  }

  write(id: number, pieces: readonly Uint8Array[], onWritten: () => void): void {
    this.#channels?.write(id, pieces, onWritten);
  }

  end(id: number, onEnded: () => void): void {
    this.#channels?.end(id, onEnded);
  }

  reset(id: number, reason?: string): void {
    this.#channels?.reset(id, reason);
    this.#closeWhenReady();
  }

  consumed(id: number, length: number): void {
    this.#channels?.consumed(id, length);
  }

  /** Sends a ping. Returns its id, or `undefined` if too many pings have no answer. */
  ping(): number | undefined {
    const id = this.#pings.add();
    if (id !== undefined) {
      this.#outbox.send({ kind: 'ping', id });
    }
    return id;
  }

  /** Closes the session. This side starts nothing new, and both sides finish the work that has begun. */
  close(): void {
    if (this.#ours === 'open') {
      this.#ours = 'draining';
    }
    this.#closeWhenReady();
  }

  /** Called when a request of this side is too long for the remote. */
  refused(id: number, error: UnstickError): void {
    this.#events.unsent('request', id, error);
  }

  /** Called when the remote sent a message that costs this side something and has no effect. */
  waste(): void {
    this.#flood ??= new FloodGate(this.#options.flood);
    this.#flood.spend(this.#now);
  }

  #useRequests(): Requests {
    this.#requests ??= this.#begun(new Requests(this.#outbox, this.#options.limits, this));
    return this.#requests;
  }

  #useChannels(): Channels {
    const events = this.#events;
    this.#channels ??= this.#begun(
      new Channels(this.#outbox, this.#options.limits, {
        refused: (id, error) => events.unsent('channel', id, error),
        stalled: (id, stall) => events.stalled(id, stall),
        waste: () => this.waste(),
      }),
    );
    return this.#channels;
  }

  /** Tells a part of the session the remote's limits, if both are there. */
  #begun<P extends Requests | Channels | undefined>(part: P): P {
    if (part !== undefined && this.#remote !== undefined) {
      part.remote = this.#remote;
    }
    return part;
  }

  #checkOpen(): void {
    if (this.#ours !== 'open') {
      throw peerClosed(undefined, false);
    }
  }

  /** Looks for stalled channels. It does so four times in a channelTimeout. */
  #sweep(now: number): void {
    const { channelTimeout } = this.#options;
    if (now < this.#sweepAt || this.#channels?.isIdle !== false) {
      return;
    }
    this.#sweepAt = now + channelTimeout / 4;
    this.#channels.sweep(now, channelTimeout);
    this.#closeWhenReady();
  }

  /**
   * If this side is draining, sends our close once none of our requests and channels waits for room at the
   * remote.
   */
  #closeWhenReady(): void {
    const waiting = (this.#requests?.waiting ?? 0) + (this.#channels?.opening ?? 0);
    if (this.#ours !== 'draining' || waiting > 0) {
      return;
    }
    this.#ours = 'closing';
    const onTaken = (): void => {
      this.#ours = 'closed';
    };
    this.#outbox.send({ kind: 'close' }, undefined, { onTaken });
  }

  #checkAnswers(place: StreamPlace): void {
    const { maxChannels, maxPendingRequests } = this.#options.limits;
    // The bytes of a channel, whichever side opened it, provoke at most two credits that wait here, because
    // each credit grants at least half a window.
    const channels = maxChannels + (this.#channels?.mostOurs ?? 0);
    const limit = 2 * channels + maxPendingRequests + SPARE_ANSWERS;
    if (this.#outbox.answers > limit) {
      throw violation(
        `The remote provoked more than ${limit} answers and did not read them`,
        place,
      );
    }
  }

  #handle(message: PeerHeader, come: Come): void {
    const { kind } = message;
    if (kind === 'hello') {
      this.#handleHello(message);
    } else if (kind === 'ping') {
      this.waste();
      this.#outbox.answer({ kind: 'pong', id: message.id });
    } else if (kind === 'pong') {
      this.#handlePong(message.id, come.place);
    } else if (kind === 'close') {
      this.#handleClose(come.place);
    } else if (kind === 'event') {
      this.#handleEvent(message, come);
    } else if ('channel' in message) {
      this.#handleChannel(message, come);
    } else {
      this.#handleRequest(message, come);
    }
    this.#closeWhenReady();
  }

  #handleHello(hello: Hello): void {
    const limits = limitsOf(hello);
    this.#theirs = 'open';
    this.#remote = limits;
    this.#outbox.begin(limits);
    this.#begun(this.#requests);
    this.#begun(this.#channels);
    this.#events.hello();
  }

  #handleEvent(message: Extract<PeerHeader, { kind: 'event' }>, come: Come): void {
    this.#checkStarting(message.kind, come.place);
    if (this.#events.handles('event', message.name)) {
      this.#events.event(callOf(message, come));
    } else {
      this.waste();
    }
  }

  #handlePong(id: number, place: StreamPlace): void {
    if (!this.#pings.answered(id)) {
      throw violation(`A pong to ping ${id}, which waits for none`, place);
    }
    this.#events.pong(id);
  }

  #handleClose(place: StreamPlace): void {
    if (this.#theirs === 'closed') {
      throw violation('A second close', place);
    }
    this.#theirs = 'closed';
    if (this.#ours === 'open') {
      this.#ours = 'draining';
    }
    const error = peerClosed(undefined, false);
    for (const id of this.#requests?.dropWaiting() ?? []) {
      this.#events.unsent('request', id, error);
    }
    for (const id of this.#channels?.dropOpening() ?? []) {
      this.#events.unsent('channel', id, error);
    }
  }

  #handleRequest(
    message: Extract<PeerHeader, { kind: 'request' | 'response' | 'failure' | 'cancel' }>,
    come: Come,
  ): void {
    const { kind, id } = message;
    const { place, body, headerLength } = come;
    const requests = this.#useRequests();
    if (kind === 'request') {
      this.#checkStarting(kind, place);
      const { name } = message;
      const isHandled = this.#events.handles('request', name);
      if (requests.asked(id, { name, isHandled, headerLength }, place)) {
        this.#events.request(id, callOf(message, come));
      }
    } else if (kind === 'cancel') {
      if (requests.cancelled(id, place)) {
        this.#events.cancel(id);
      }
    } else if (requests.answered(id, place)) {
      const answer =
        kind === 'failure' ? message : { result: message.result ?? null, body: wholeOf(body) };
      this.#events.answer(id, answer);
    }
  }

  #handleChannel(message: Extract<PeerHeader, { channel: number }>, come: Come): void {
    const { kind, channel } = message;
    const { place, body, headerLength } = come;
    const channels = this.#useChannels();
    const events = this.#events;
    if (kind === 'bytes') {
      whenOpen(channels.received(channel, lengthOf(body), place), (id) => events.bytes(id, body));
    } else if (kind === 'credit') {
      channels.granted(channel, message.credit, place);
    } else if (kind === 'end') {
      whenOpen(channels.remoteEnded(channel, place), (id) => events.end(id));
    } else if (kind === 'reset') {
      whenOpen(channels.remoteReset(channel, place), (id) => events.reset(id, message.reason));
    } else {
      this.#checkStarting(kind, place);
      const isHandled = events.handles('channel', message.name);
      const opened = channels.opened(channel, { isHandled, headerLength }, place);
      whenOpen(opened, (id) => events.open(id, callOf(message, come)));
    }
  }

  #checkStarting(kind: string, place: StreamPlace): void {
    if (this.#theirs === 'closed') {
      throw violation(`A message of kind ${kind} after the close`, place);
    }
  }
}

const ignore = (): void => undefined;

function whenOpen(id: number | undefined, act: (id: number) => void): void {
  if (id !== undefined) {
    act(id);
  }
}
