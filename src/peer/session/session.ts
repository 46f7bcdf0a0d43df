// The state of a peer between two hellos and two closes: messages in, messages out, and what the
// application is to hear of. Pure: no socket, and time is a parameter.
//
// Nothing but the hello is sent before the other side's hello has come: then its limits are known. A
// peer that closes says so, finishes what is under way, and starts nothing new; the other side does
// likewise, and when neither has anything left, both end the connection.

import type { StreamPlace } from '../../errors.ts';
import { Channels } from './channels.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outbox } from './outbox.ts';
import type { SendCallbacks, Outgoing } from './outbox.ts';
import type { PeerCodec, PlacedMessage } from './peer-codec.ts';
import { peerClosed, queueFull } from './peer-errors.ts';
import { Requests } from './requests.ts';
import type { Answer } from './requests.ts';
import type { SessionEvents, SessionOptions } from './session-events.ts';
import { PEER_VERSION, readHeader, violation } from './wire.ts';
import type { Json, PeerHeader, PeerLimits } from './wire.ts';

/** Beyond what it may have pending anyway, so many answers may a remote provoke without reading them. */
const SPARE_ANSWERS = 1024;
/** Our own pings without an answer; the rest wait for nothing. */
export const MAX_UNANSWERED_PINGS = 64;

export class Session {
  readonly #events: SessionEvents;
  readonly #limits: PeerLimits;
  readonly #outbox: Outbox;
  readonly #requests: Requests;
  readonly #channels: Channels;
  readonly #heartbeat: Heartbeat;
  readonly #helloDeadline: number;
  readonly #maxQueuedLength: number;
  #hello: Outgoing | undefined;
  #remote: PeerLimits | undefined;
  #lastPing = 0;
  readonly #pings = new Set<number>();
  #closing = false;
  #closeQueued = false;
  #closeSent = false;
  #remoteClosing = false;

  constructor(codec: PeerCodec, options: SessionOptions, events: SessionEvents, now: number) {
    const { limits, heartbeat, helloTimeout } = options;
    this.#events = events;
    this.#maxQueuedLength = options.maxQueuedLength;
    this.#limits = limits;
    this.#outbox = new Outbox(codec);
    this.#requests = new Requests(this.#outbox, limits.maxPendingRequests, (id, error) =>
      events.unsent('request', id, error),
    );
    this.#channels = new Channels(this.#outbox, limits, (id, error) =>
      events.unsent('channel', id, error),
    );
    this.#heartbeat = new Heartbeat(heartbeat, now);
    this.#helloDeadline = helloTimeout === 0 ? Infinity : now + helloTimeout;
    const hello = { kind: 'hello', version: PEER_VERSION, ...limits } as const;
    this.#hello = this.#outbox.encode(hello);
  }

  /** What the other side said it holds; undefined before its hello. */
  get remote(): PeerLimits | undefined {
    return this.#remote;
  }

  /** Both sides have closed and nothing is under way: the other side may end the connection. */
  get isOver(): boolean {
    const isIdle = this.#requests.isIdle && this.#channels.isIdle;
    return this.#closeSent && this.#remoteClosing && isIdle;
  }

  /** Over, and nothing is left to be sent: this side may end the connection. */
  get isFinished(): boolean {
    return this.isOver && this.#outbox.length === 0;
  }

  /** When `tick` has something to do, if nothing comes before. */
  get deadline(): number {
    return this.#remote === undefined ? this.#helloDeadline : this.#heartbeat.deadline;
  }

  /** The next message to be written, if any. */
  next(): Outgoing | undefined {
    if (this.#hello !== undefined) {
      const hello = this.#hello;
      this.#hello = undefined;
      return hello;
    }
    if (this.#remote === undefined) return undefined;
    return this.#outbox.take() ?? this.#channels.take();
  }

  /** Bytes came, whether or not they are a whole message yet. */
  heard(now: number): void {
    this.#heartbeat.heard(now);
  }

  tick(now: number): void {
    if (now < this.deadline) return;
    if (this.#remote === undefined) {
      this.#events.silent('hello');
      return;
    }
    const due = this.#heartbeat.check(now);
    if (due === 'dead') this.#events.silent('heartbeat');
    else if (due === 'ping') this.ping();
  }

  /** A message came. Throws ProtocolError when the other side broke a rule: then all is over. */
  receive({ header, body, place }: PlacedMessage): void {
    const message = readHeader(header, body, place);
    const isHello = message.kind === 'hello';
    if (isHello !== (this.#remote === undefined)) {
      const facts = isHello ? 'A second hello' : `A ${message.kind} message before the hello`;
      throw violation(facts, place);
    }
    this.#handle(message, body, place);
    this.#checkAnswers(place);
  }

  /** Throws ConnectionError ERR_CONNECTION_CLOSED, UsageError ERR_FRAME_UNENCODABLE, ERR_QUEUE_FULL. */
  request(name: string, params: Json | undefined, body: Uint8Array): number {
    this.#checkOpen();
    this.#checkRoom(body.length);
    return this.#requests.ask(name, params, body);
  }

  wasSent(id: number): boolean {
    return this.#requests.wasSent(id);
  }

  giveUp(id: number): void {
    this.#requests.giveUp(id);
    this.#closeWhenReady();
  }

  answer(id: number, answer: Answer): void {
    this.#requests.answer(id, answer);
  }

  notify(name: string, params: Json | undefined, body: Uint8Array, callbacks: SendCallbacks): void {
    this.#checkOpen();
    this.#checkRoom(body.length);
    const header = { kind: 'event', name, ...(params === undefined ? {} : { params }) } as const;
    this.#outbox.send(header, body, callbacks);
  }

  open(name: string, params: Json | undefined): number {
    this.#checkOpen();
    return this.#channels.open(name, params);
  }

  write(id: number, bytes: Uint8Array, onReusable: () => void): void {
    this.#channels.write(id, bytes, onReusable);
  }

  end(id: number, onEnded: () => void): void {
    this.#channels.end(id, onEnded);
  }

  reset(id: number, reason?: string): void {
    this.#channels.reset(id, reason);
    this.#closeWhenReady();
  }

  consumed(id: number, length: number): void {
    this.#channels.consumed(id, length);
  }

  /** Asks for a sign of life. Its id, or undefined where too many pings have no answer. */
  ping(): number | undefined {
    if (this.#pings.size >= MAX_UNANSWERED_PINGS) return undefined;
    const id = ++this.#lastPing;
    this.#pings.add(id);
    this.#outbox.send({ kind: 'ping', id });
    return id;
  }

  /** Starts nothing new. What is under way is finished by both sides. */
  close(): void {
    this.#closing = true;
    this.#closeWhenReady();
  }

  #checkOpen(): void {
    if (this.#closing) throw peerClosed(undefined, false);
  }

  #checkRoom(length: number): void {
    const queued = this.#outbox.queuedLength + this.#requests.waitingLength;
    const limit = this.#maxQueuedLength;
    if (queued === 0 || queued + length <= limit) return;
    throw queueFull(queued + length, limit);
  }

  /** Ours may have waited for room over there; they go first. */
  #closeWhenReady(): void {
    const isReady = this.#requests.waiting === 0 && this.#channels.opening === 0;
    if (!this.#closing || this.#closeQueued || !isReady) return;
    this.#closeQueued = true;
    const onTaken = (): void => {
      this.#closeSent = true;
    };
    this.#outbox.send({ kind: 'close' }, undefined, { onTaken });
  }

  #checkAnswers(place: StreamPlace): void {
    const { maxChannels, maxPendingRequests } = this.#limits;
    // An honest remote has at most two credits of a channel under way.
    const limit = 2 * maxChannels + maxPendingRequests + SPARE_ANSWERS;
    if (this.#outbox.answers > limit)
      throw violation(`More than ${limit} answers were provoked and not read`, place);
  }

  #handle(message: PeerHeader, body: Uint8Array, place: StreamPlace): void {
    const { kind } = message;
    if (kind === 'hello') this.#handleHello(message);
    else if (kind === 'ping') this.#outbox.answer({ kind: 'pong', id: message.id });
    else if (kind === 'pong') this.#handlePong(message.id, place);
    else if (kind === 'close') this.#handleClose(place);
    else if (kind === 'event') {
      this.#checkStarting(kind, place);
      this.#events.event(message.name, message.params ?? null, body);
    } else if ('channel' in message) this.#handleChannel(message, body, place);
    else this.#handleRequest(message, body, place);
    this.#closeWhenReady();
  }

  #handleHello(limits: PeerLimits): void {
    this.#remote = limits;
    this.#outbox.begin(limits);
    this.#requests.maxInFlight = limits.maxPendingRequests;
    this.#channels.remote = limits;
    this.#events.hello();
  }

  #handlePong(id: number, place: StreamPlace): void {
    if (!this.#pings.delete(id)) throw violation(`A pong to ping ${id}, which was not sent`, place);
    this.#events.pong(id);
  }

  #handleClose(place: StreamPlace): void {
    if (this.#remoteClosing) throw violation('A second close', place);
    this.#remoteClosing = true;
    this.#closing = true;
    const error = peerClosed(undefined, false);
    for (const id of this.#requests.dropWaiting()) this.#events.unsent('request', id, error);
    for (const id of this.#channels.dropOpening()) this.#events.unsent('channel', id, error);
  }

  #handleRequest(
    message: Extract<PeerHeader, { kind: 'request' | 'response' | 'failure' | 'cancel' }>,
    body: Uint8Array,
    place: StreamPlace,
  ): void {
    const { kind, id } = message;
    if (kind === 'request') {
      this.#checkStarting(kind, place);
      if (this.#requests.asked(id, place))
        this.#events.request(id, message.name, message.params ?? null, body);
    } else if (kind === 'cancel') {
      if (this.#requests.cancelled(id, place)) this.#events.cancel(id);
    } else if (this.#requests.answered(id, place)) {
      const answer = kind === 'failure' ? message : { result: message.result ?? null, body };
      this.#events.answer(id, answer);
    }
  }

  #handleChannel(
    message: Extract<PeerHeader, { channel: number }>,
    body: Uint8Array,
    place: StreamPlace,
  ): void {
    const { kind, channel } = message;
    const channels = this.#channels;
    const events = this.#events;
    if (kind === 'bytes')
      whenOpen(channels.received(channel, body.length, place), (id) => events.bytes(id, body));
    else if (kind === 'credit') channels.granted(channel, message.credit, place);
    else if (kind === 'end') whenOpen(channels.remoteEnded(channel, place), (id) => events.end(id));
    else if (kind === 'reset')
      whenOpen(channels.remoteReset(channel, place), (id) => events.reset(id, message.reason));
    else {
      this.#checkStarting(kind, place);
      const { name, params = null } = message;
      whenOpen(channels.opened(channel, place), (id) => events.open(id, name, params));
    }
  }

  #checkStarting(kind: string, place: StreamPlace): void {
    if (this.#remoteClosing) throw violation(`A message of kind ${kind} after the close`, place);
  }
}

function whenOpen(id: number | undefined, act: (id: number) => void): void {
  if (id !== undefined) act(id);
}
