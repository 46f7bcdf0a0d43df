// A peer: the session's state on a real duplex. It owns the connection: what comes goes into the
// session, what the session has goes out as fast as the other side takes it, and a timer looks after
// both. docs/peer.md is for users, docs/wire-format.md says what is on the wire.

import type { Duplex } from 'node:stream';
import { rawBytes } from '../codec/raw-bytes.ts';
import { asError, isUnstickError, ProtocolError, RemoteError, UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import type { Connection } from '../stream/connection.ts';
import { framed } from '../stream/framed.ts';
import { MAX_TIMEOUT, whole } from '../stream/framed-options.ts';
import { closed, connectionError, lost } from '../stream/transport.ts';
import { Channel } from './channel.ts';
import type { ChannelInput } from './channel.ts';
import { Handlers, Reply } from './handlers.ts';
import type { ChannelHandler, EventHandler, RequestHandler } from './handlers.ts';
import { Alarm } from './alarm.ts';
import { peerCodec } from './peer-codec.ts';
import type { PlacedMessage } from './peer-codec.ts';
import { resolvePeerOptions } from './peer-options.ts';
import type { PeerOptions, ResolvedPeerOptions } from './peer-options.ts';
import { Pending } from './pending.ts';
import type { Answer } from './requests.ts';
import { MAX_UNANSWERED_PINGS, Session } from './session.ts';
import type { Json } from './wire.ts';

export interface RequestOptions {
  /** Bytes besides the params; text is sent as UTF-8. */
  readonly body?: Uint8Array | string | undefined;
  /** In ms; then ERR_TIMEOUT, and the handler's signal aborts. Default: the peer's requestTimeout. */
  readonly timeout?: number | undefined;
  /** Gives up; the handler's signal aborts, too. */
  readonly signal?: AbortSignal | undefined;
}

/** So many bytes are handed over before it is asked whether they may be more. */
const BURST_LENGTH = 64 * 1024;
/** What the other side has to end, too, when all has been said, in ms. */
const LAST_WORDS_MS = 2000;
const NO_BYTES = new Uint8Array(0);

/** One end of a conversation. Both ends have the same verbs. */
export class Peer {
  readonly #options: ResolvedPeerOptions;
  readonly #connection: Connection<Uint8Array, PlacedMessage>;
  readonly #session: Session;
  readonly #handlers: Handlers<Peer>;
  readonly #answers = new Pending<Reply>('The answer');
  readonly #pongs = new Pending<number>('The answer to a ping');
  readonly #notices = new Pending<void>('The sending of an event');
  readonly #channels = new Map<number, ChannelInput>();
  readonly #alarm: Alarm;
  #lastNotice = 0;
  #heardLength = 0;
  #theirChannels = 0;
  #pumping = false;
  #ending = false;
  #failure: UnstickError | undefined;
  #isClosed = false;
  /** The other side has said hello. Rejects when it never will. */
  readonly ready: Promise<void>;
  /** All is over, in whatever way; `failure` says in which. Never rejects. */
  readonly closed: Promise<void>;
  #onReady: (error?: unknown) => void = () => undefined;
  #onClosed: () => void = () => undefined;

  constructor(duplex: Duplex, options: PeerOptions) {
    this.#options = resolvePeerOptions(options);
    const { limits, frameTimeout, maxHelloLength } = this.#options;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.ready.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    const codec = peerCodec({ ...limits, maxHelloLength });
    this.#session = new Session(codec, this.#options, this.#events(), performance.now());
    this.#handlers = new Handlers<Peer>(this, (error) => this.#report(error));
    this.#connection = framed(
      duplex,
      { read: codec, write: rawBytes() },
      // The pump below waits for room, so what is queued is one message more than the mark.
      { frameTimeout, maxQueuedLength: Number.MAX_SAFE_INTEGER },
    );
    this.#alarm = new Alarm(() => this.#tick());
    void this.#read();
    this.#wake();
  }

  /** Why it is over, where it did not end in order. */
  get failure(): UnstickError | undefined {
    return this.#failure;
  }

  /** `address:port` of the other side, where the duplex has one. */
  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  /**
   * Asks the other side. Rejects with RemoteError (its handler failed), or with ConnectionError, whose
   * `sent` is false where the other side cannot have seen the request; UsageError ERR_FRAME_UNENCODABLE.
   */
  async request(name: string, params?: Json, options: RequestOptions = {}): Promise<Reply> {
    const { signal, timeout = this.#options.requestTimeout } = options;
    const ms = whole('timeout', timeout, MAX_TIMEOUT);
    const body = bytesOf(options.body);
    this.#checkUsable();
    const id = this.#session.request(name, params, body);
    const answer = this.#answers.wait(id, {
      timeout: ms,
      signal,
      sent: () => this.#session.wasSent(id),
      onGiveUp: () => {
        this.#session.giveUp(id);
        this.#wake();
      },
    });
    this.#wake();
    return answer;
  }

  /** Answers requests of this name. Register before anything else can happen: in the same turn. */
  handle(name: string, handler: RequestHandler<Peer>): void {
    this.#handlers.handleRequest(name, handler);
  }

  /** Tells the other side, which does not answer. Resolves when the connection has room for more. */
  async notify(
    name: string,
    params?: Json,
    options: Pick<RequestOptions, 'body'> = {},
  ): Promise<void> {
    this.#checkUsable();
    const notice = ++this.#lastNotice;
    const taken = this.#notices.wait(notice);
    taken.catch(() => undefined);
    try {
      this.#session.notify(name, params, bytesOf(options.body), () =>
        this.#notices.resolve(notice),
      );
    } catch (error) {
      this.#notices.reject(notice, error);
    }
    this.#wake();
    return taken;
  }

  /** Hears events of this name. */
  handleEvent(name: string, handler: EventHandler<Peer>): void {
    this.#handlers.handleEvent(name, handler);
  }

  /** Opens a channel, at once: what is written waits until the other side has room. */
  open(name: string, params?: Json): Channel {
    this.#checkUsable();
    const id = this.#session.open(name, params);
    const channel = this.#newChannel(id, name, params ?? null);
    this.#wake();
    return channel;
  }

  /** Takes channels of this name. */
  handleChannel(name: string, handler: ChannelHandler): void {
    this.#handlers.handleChannel(name, handler);
  }

  /** Asks for a sign of life and gives how long it took, in ms. */
  async ping(options: { readonly timeout?: number } = {}): Promise<number> {
    const timeout = whole('timeout', options.timeout ?? 0, MAX_TIMEOUT);
    this.#checkUsable();
    const id = this.#session.ping();
    if (id === undefined) {
      throw new UsageError('ERR_QUEUE_FULL', `${MAX_UNANSWERED_PINGS} pings have no answer yet.`);
    }
    const start = performance.now();
    this.#wake();
    return (await this.#pongs.wait(id, { timeout })) - start;
  }

  /**
   * Starts nothing new; requests, channels and handlers that are under way finish, on both sides; then
   * the connection ends. With a `timeout` in ms what is not done by then is cut off.
   */
  async close(options: { readonly timeout?: number } = {}): Promise<void> {
    const timeout = whole('timeout', options.timeout ?? 0, MAX_TIMEOUT);
    const timer = timeout === 0 ? undefined : setTimeout(() => this.destroy(), timeout);
    if (!this.#isClosed) this.#session.close();
    this.#wake();
    await this.closed;
    clearTimeout(timer);
  }

  /** Ends at once. Whatever waits fails with ERR_CONNECTION_CLOSED. */
  destroy(cause?: unknown): void {
    this.#fail(closed('destroyed', this.remoteAddress, cause));
    this.#connection.destroy();
  }

  /** For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #checkUsable(): void {
    if (this.#isClosed) throw this.#lossOf(this.#failure, false);
  }

  async #read(): Promise<void> {
    try {
      for await (const batch of this.#connection.batches()) {
        for (const message of batch) {
          if (this.#isClosed) return;
          this.#session.receive(message);
          // Handlers that are slower than the events that call them slow the other side down.
          const { room } = this.#handlers;
          if (room !== undefined) await this.#pauseFor(room);
        }
        this.#wake();
      }
      if (this.#ending || this.#session.isOver) this.#settle();
      else this.#fail(lostAtEnd(this.remoteAddress));
    } catch (error) {
      if (this.#ending && !(error instanceof ProtocolError)) this.#settle();
      else this.#fail(isUnstickError(error) ? error : lost(error, this.remoteAddress));
    }
    this.#leave();
  }

  async #pauseFor(room: Promise<void>): Promise<void> {
    this.#wake();
    this.#alarm.stop();
    await Promise.race([room, this.closed]);
    // The silence was ours.
    this.#session.heard(performance.now());
    this.#arm();
  }

  /** Says what has been said, so that the other side learns why; then goes. */
  #leave(): void {
    const timer = setTimeout(() => this.#connection.destroy(), LAST_WORDS_MS);
    timer.unref();
    this.#connection.close({ discardUnread: true }).then(
      () => undefined,
      () => this.#connection.destroy(),
    );
    this.#connection.duplex.once('close', () => clearTimeout(timer));
  }

  /** There may be something to send. */
  #wake(): void {
    if (this.#pumping || this.#isClosed) return;
    this.#pumping = true;
    void this.#pump();
  }

  /** Sends what there is, as fast as the connection takes it. Never rejects. */
  async #pump(): Promise<void> {
    let burst = 0;
    for (;;) {
      const next = this.#session.next();
      if (next === undefined) break;
      let room: Promise<void> | undefined;
      for (const piece of next.pieces) {
        room = this.#connection.send(piece);
        burst += piece.length;
      }
      next.onTaken?.();
      if (burst < BURST_LENGTH) continue;
      burst = 0;
      try {
        await room;
      } catch {
        // The reading side hears of the loss, and tells everyone.
        return;
      }
    }
    this.#pumping = false;
    this.#arm();
    if (this.#session.isFinished && !this.#ending) this.#finish();
  }

  /** Both sides are done: ends this direction, and waits a little for the other's end. */
  #finish(): void {
    this.#ending = true;
    this.#alarm.stop();
    const timer = setTimeout(() => this.#connection.destroy(), LAST_WORDS_MS);
    void this.closed.then(() => clearTimeout(timer));
    this.#connection.close().catch(() => undefined);
  }

  #arm(): void {
    if (!this.#isClosed && !this.#ending) this.#alarm.set(this.#session.deadline);
  }

  #tick(): void {
    const now = performance.now();
    const { bytes } = this.#connection.stats.received;
    if (bytes > this.#heardLength) this.#session.heard(now);
    this.#heardLength = bytes;
    this.#session.tick(now);
    this.#wake();
    this.#arm();
  }

  #events(): ConstructorParameters<typeof Session>[2] {
    return {
      hello: () => this.#onReady(),
      request: (id, name, params, body) => void this.#handle(id, name, params, body),
      cancel: (id) => this.#handlers.cancel(id),
      answer: (id, answer) => this.#answered(id, answer),
      event: (name, params, body) => this.#handlers.run(name, params, body),
      open: (id, name, params) => this.#accept(id, name, params),
      bytes: (id, bytes) => this.#channels.get(id)?.bytes(bytes),
      end: (id) => this.#channels.get(id)?.end(),
      reset: (id, reason) => this.#channels.get(id)?.reset(reason),
      pong: (id) => this.#pongs.resolve(id, performance.now()),
      unsent: (requests, channels) => {
        const error = closed('closed', this.remoteAddress);
        for (const id of requests) this.#answers.reject(id, this.#lossOf(error, false));
        for (const id of channels) this.#channels.get(id)?.fail(this.#lossOf(error, false));
      },
      silent: (what) => {
        this.#fail(silence(what, this.#options, this.remoteAddress));
        this.#connection.destroy();
      },
    };
  }

  async #handle(id: number, name: string, params: Json, body: Uint8Array): Promise<void> {
    const answer = await this.#handlers.answer(id, name, params, body);
    try {
      this.#session.answer(id, answer);
    } catch (error) {
      // Not JSON, or too long for the other side.
      this.#session.answer(id, { error: this.#handlers.failureOf(error) });
    }
    this.#wake();
  }

  #answered(id: number, answer: Answer): void {
    if ('error' in answer) {
      const { code, message, details } = answer.error;
      this.#answers.reject(id, new RemoteError(code, message, { details }));
    } else this.#answers.resolve(id, new Reply(answer.result, answer.body));
  }

  #accept(id: number, name: string, params: Json): void {
    // A channel may be over and its handler still hold it: those count, too.
    if (this.#theirChannels >= 2 * this.#options.limits.maxChannels) {
      this.#session.reset(id, 'ERR_PEER_BUSY');
      return;
    }
    this.#theirChannels++;
    const channel = this.#newChannel(id, name, params);
    channel.once('close', () => this.#theirChannels--);
    this.#handlers.accept(channel);
  }

  #newChannel(id: number, name: string, params: Json): Channel {
    const session = this.#session;
    const wake = (): void => this.#wake();
    return new Channel(
      { id, name, params },
      {
        write: (bytes, onTaken) => {
          session.write(id, bytes, onTaken);
          wake();
        },
        end: (onEnded) => {
          session.end(id, onEnded);
          wake();
        },
        reset: (reason) => {
          session.reset(id, reason);
          wake();
        },
        consumed: (length) => {
          session.consumed(id, length);
          wake();
        },
        gone: () => void this.#channels.delete(id),
      },
      (input) => this.#channels.set(id, input),
    );
  }

  #fail(error: UnstickError): void {
    if (this.#isClosed) return;
    this.#failure = error;
    this.#settle();
  }

  /** It is over: everyone who waits is told. */
  #settle(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#alarm.stop();
    const failure = this.#failure;
    const loss = this.#lossOf(failure, undefined);
    this.#onReady(failure ?? loss);
    this.#answers.rejectAll((id) => this.#lossOf(failure, this.#session.wasSent(id)));
    this.#pongs.rejectAll(() => loss);
    this.#notices.rejectAll(() => this.#lossOf(failure, false));
    for (const channel of this.#channels.values()) channel.fail(asError(loss));
    this.#handlers.cancelAll(loss);
    this.#onClosed();
  }

  /** What somebody who waited is told. Each gets an error of its own, with `sent` of its own. */
  #lossOf(failure: UnstickError | undefined, sent: boolean | undefined): UnstickError {
    const code =
      failure instanceof ProtocolError || failure instanceof UsageError ? undefined : failure?.code;
    const facts = failure === undefined ? 'The peer is closed' : 'The peer is gone';
    const init = {
      remoteAddress: this.remoteAddress,
      ...(failure?.reason === undefined ? {} : { reason: failure.reason }),
      ...(failure === undefined ? {} : { cause: failure, hint: failure.message }),
      ...(sent === undefined ? {} : { sent }),
    };
    const fallback = failure === undefined ? 'ERR_CONNECTION_CLOSED' : 'ERR_CONNECTION_LOST';
    return connectionError(code ?? fallback, facts, init);
  }

  #report(error: unknown): void {
    try {
      this.#options.onError(error, this);
    } catch (thrown) {
      process.emitWarning(asError(thrown));
    }
  }
}

/** Takes a duplex for a peer. Register its handlers in the same turn. Throws UsageError ERR_OPTION. */
export function peer(duplex: Duplex, options: PeerOptions = {}): Peer {
  return new Peer(duplex, options);
}

function bytesOf(body: Uint8Array | string | undefined): Uint8Array {
  if (body === undefined) return NO_BYTES;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new UsageError('ERR_FRAME_UNENCODABLE', 'A body must be bytes or text.', {
    hint: 'For streams open a channel.',
  });
}

function lostAtEnd(remoteAddress: string | undefined): UnstickError {
  return connectionError('ERR_CONNECTION_LOST', 'The other side ended without a close', {
    remoteAddress,
    reason: 'end',
  });
}

function silence(
  what: 'hello' | 'heartbeat',
  { helloTimeout, heartbeat }: ResolvedPeerOptions,
  remoteAddress: string | undefined,
): UnstickError {
  const limit = what === 'hello' ? helloTimeout : heartbeat.timeout;
  const facts =
    what === 'hello'
      ? `The other side said no hello within ${limit} ms`
      : `The other side did not answer a ping within ${limit} ms`;
  return connectionError('ERR_PEER_SILENT', facts, { remoteAddress, limit, reason: what });
}
