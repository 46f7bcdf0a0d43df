// The verbs of a peer: requests, events and channels, in both directions. docs/peer.md is for users,
// docs/wire-format.md says what is on the wire.

import type { Duplex } from 'node:stream';
import { asError, checkFunction, UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { MAX_TIMEOUT, whole } from '../stream/framed-options.ts';
import { closed } from '../stream/transport.ts';
import { ChannelStream } from './channel.ts';
import type { Channel, ChannelInput } from './channel.ts';
import { Handlers, Reply } from './handlers.ts';
import type { ChannelHandler, EventHandler, RequestHandler } from './handlers.ts';
import { SessionDriver } from './session-driver.ts';
import type { DriverEvents } from './session-driver.ts';
import { lossOf } from './session/peer-errors.ts';
import { resolvePeerOptions, warn } from './peer-options.ts';
import type { PeerSettings, ResolvedPeerOptions } from './peer-options.ts';
import { Pending } from './pending.ts';
import type { Answer } from './session/requests.ts';
import { MAX_UNANSWERED_PINGS } from './session/session.ts';
import { RemoteError } from './session/remote-error.ts';
import { bytesOf } from './request-options.ts';
import type { RequestOptions } from './request-options.ts';
import type { Json } from './session/wire.ts';

export interface PeerOptions extends PeerSettings {
  /** Hears what handlers throw, other than RemoteErrors. Default: a process warning. */
  readonly onError?: ((error: unknown, peer: Peer) => void) | undefined;
}

/** One end of a conversation. Both ends have the same verbs. */
export class Peer {
  readonly #options: ResolvedPeerOptions;
  readonly #onError: (error: unknown, peer: Peer) => void;
  readonly #driver: SessionDriver;
  readonly #handlers = new Handlers<Peer>(this, (error) => this.#report(error));
  readonly #answers = new Pending<Reply>('The answer');
  readonly #pongs = new Pending<number>('The answer to a ping');
  readonly #notices = new Pending<void>('The sending of an event');
  readonly #channels = new Map<number, ChannelInput>();
  #lastNotice = 0;
  #theirChannels = 0;
  #failure: UnstickError | undefined;
  /** The other side has said hello. Rejects when it never will. */
  readonly ready: Promise<void>;
  #onReady: (error?: unknown) => void = () => undefined;

  constructor(duplex: Duplex, options: PeerOptions) {
    const { onError = warn, ...settings } = options;
    checkFunction('onError', onError);
    this.#onError = onError;
    this.#options = resolvePeerOptions(settings);
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.ready.catch(() => undefined);
    this.#driver = new SessionDriver(duplex, this.#options, this.#events());
  }

  /** Resolves when all is over, in whatever way; `failure` says in which. Never rejects. */
  get closed(): Promise<void> {
    return this.#driver.over;
  }

  /** Why it is over, where it did not end in order. */
  get failure(): UnstickError | undefined {
    return this.#failure;
  }

  /** `address:port` of the other side, where the duplex has one. */
  get remoteAddress(): string | undefined {
    return this.#driver.remoteAddress;
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
    const id = this.#driver.session.request(name, params, body);
    const answer = this.#answers.wait(id, {
      timeout: ms,
      signal,
      sent: () => this.#driver.session.wasSent(id),
      onGiveUp: () => {
        this.#driver.session.giveUp(id);
        this.#driver.wake();
      },
    });
    this.#driver.wake();
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
      this.#driver.session.notify(name, params, bytesOf(options.body), {
        onReusable: () => this.#notices.resolve(notice),
        onRefused: (error) => this.#notices.reject(notice, error),
      });
    } catch (error) {
      this.#notices.reject(notice, error);
    }
    this.#driver.wake();
    return taken;
  }

  /** Hears events of this name. */
  handleEvent(name: string, handler: EventHandler<Peer>): void {
    this.#handlers.handleEvent(name, handler);
  }

  /** Opens a channel, at once: what is written waits until the other side has room. */
  open(name: string, params?: Json): Channel {
    this.#checkUsable();
    const id = this.#driver.session.open(name, params);
    const channel = this.#newChannel(id, name, params ?? null);
    this.#driver.wake();
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
    const id = this.#driver.session.ping();
    if (id === undefined) {
      throw new UsageError('ERR_QUEUE_FULL', `${MAX_UNANSWERED_PINGS} pings have no answer yet.`);
    }
    const start = performance.now();
    this.#driver.wake();
    return (await this.#pongs.wait(id, { timeout })) - start;
  }

  /**
   * Starts nothing new; requests, channels and handlers that are under way finish, on both sides; then
   * the connection ends. With a `timeout` in ms what is not done by then is cut off.
   */
  async close(options: { readonly timeout?: number } = {}): Promise<void> {
    const timeout = whole('timeout', options.timeout ?? 0, MAX_TIMEOUT);
    const timer = timeout === 0 ? undefined : setTimeout(() => this.destroy(), timeout);
    this.#driver.session.close();
    this.#driver.wake();
    await this.closed;
    clearTimeout(timer);
  }

  /** Ends at once. Whatever waits fails with ERR_CONNECTION_CLOSED. */
  destroy(cause?: unknown): void {
    this.#driver.destroy(closed('destroyed', this.remoteAddress, cause));
  }

  /** For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #checkUsable(): void {
    if (this.#driver.isOver) throw lossOf(this.#failure, this.remoteAddress, false);
  }

  #events(): DriverEvents {
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
      unsent: (kind, id, error) => {
        if (kind === 'request') this.#answers.reject(id, error);
        else this.#channels.get(id)?.fail(error);
      },
      // Handlers that are slower than the events that call them slow the other side down.
      room: () => this.#handlers.room,
      over: (failure) => this.#over(failure),
    };
  }

  async #handle(id: number, name: string, params: Json, body: Uint8Array): Promise<void> {
    const answer = await this.#handlers.answer(id, name, params, body);
    try {
      this.#driver.session.answer(id, answer);
    } catch (error) {
      // Not JSON, or too long for the other side.
      this.#driver.session.answer(id, { error: this.#handlers.failureOf(error) });
    }
    this.#driver.wake();
  }

  #answered(id: number, answer: Answer): void {
    if ('error' in answer) {
      const { code, message, details } = answer.error;
      this.#answers.reject(id, new RemoteError(code, message, { details }));
    } else this.#answers.resolve(id, new Reply(answer.result, answer.body));
  }

  #accept(id: number, name: string, params: Json): void {
    // A channel may be over, and unread, or its handler may still run: those count, too.
    if (this.#theirChannels >= 2 * this.#options.limits.maxChannels) {
      this.#driver.session.reset(id, 'BUSY');
      return;
    }
    this.#theirChannels++;
    let holders = 2;
    const release = (): void => {
      if (--holders === 0) this.#theirChannels--;
    };
    const channel = this.#newChannel(id, name, params, release);
    this.#handlers.accept(channel, release);
  }

  #newChannel(id: number, name: string, params: Json, onGone?: () => void): Channel {
    const { session } = this.#driver;
    const wake = (): void => this.#driver.wake();
    return new ChannelStream(
      { id, name, params },
      {
        write: (bytes, onReusable) => {
          session.write(id, bytes, onReusable);
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
        gone: () => {
          this.#channels.delete(id);
          onGone?.();
        },
      },
      (input) => this.#channels.set(id, input),
    );
  }

  /** It is over: everyone who waits is told. */
  #over(failure: UnstickError | undefined): void {
    this.#failure = failure;
    const lossOfOne = (sent?: boolean): UnstickError => lossOf(failure, this.remoteAddress, sent);
    const loss = lossOfOne();
    this.#onReady(failure ?? loss);
    this.#answers.rejectAll((id) => lossOfOne(this.#driver.session.wasSent(id)));
    this.#notices.rejectAll(() => loss);
    this.#pongs.rejectAll(() => loss);
    for (const channel of this.#channels.values()) channel.fail(loss);
    this.#handlers.cancelAll(loss);
  }

  #report(error: unknown): void {
    try {
      this.#onError(error, this);
    } catch (thrown) {
      process.emitWarning(asError(thrown));
    }
  }
}

/** Takes a duplex for a peer. Register its handlers in the same turn. Throws UsageError ERR_OPTION. */
export function peer(duplex: Duplex, options: PeerOptions = {}): Peer {
  return new Peer(duplex, options);
}
