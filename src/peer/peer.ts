// The methods of a peer: requests, events and channels, in both directions. docs/peer.md explains them to
// users, and docs/wire-format.md says what they put on the wire.

import type { Duplex } from 'node:stream';
import { asError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { checkFunction } from '../options.ts';
import { DISPOSE_MS, resolveWithin } from '../stream/framed-options.ts';
import type { CloseOptions } from '../stream/framed-options.ts';
import { closed, connectionError } from '../stream/transport.ts';
import { ChannelStream, destroyOnAbort } from './channel.ts';
import type { Channel } from './channel.ts';
import { Handlers, Reply } from './handlers.ts';
import type { ChannelHandler, EventHandler, HandlersHost, RequestHandler } from './handlers.ts';
import { report } from './on-error.ts';
import { Pending } from './pending.ts';
import { resolvePeerOptions } from './peer-options.ts';
import type { PeerSettings, ResolvedPeerOptions } from './peer-options.ts';
import { SessionDriver } from './session-driver.ts';
import type { DriverEvents } from './session-driver.ts';
import { MAX_UNANSWERED_PINGS } from './session/heartbeat.ts';
import { lossOf, tooManyWait } from './session/peer-errors.ts';
import { RemoteError } from './session/remote-error.ts';
import type { Answer } from './session/requests.ts';
import type { Call } from './session/session-events.ts';
import { stalled } from './session/stall.ts';
import type { Stall } from './session/stall.ts';
import type { Json } from './session/wire.ts';
import { TheirChannels } from './their-channels.ts';
import { resolveNotify, resolveOpen, resolvePing, resolveRequest } from './verb-options.ts';
import type { NotifyOptions, OpenOptions, PingOptions, RequestOptions } from './verb-options.ts';

/** Options of `peer`: limits and times, and a function that takes errors. */
export interface PeerOptions extends PeerSettings {
  /**
   * Function that is called with the errors that handlers throw, and with the ERR_TIMEOUT of a request
   * handler that took too long. A RemoteError from a handler of requests or channels goes only to the remote.
   * Default: a process warning, unless the remote caused the error.
   */
  readonly onError?: ((error: unknown, peer: Peer) => void) | undefined;
}

/** Takes a rejection that need not end the process. */
const ignore = (): void => undefined;

/** Default of `within` in `close`, in ms. */
const CLOSE_MS = 30_000;

/** Functions that a peer calls besides its handlers. The peers of a server share them. */
export interface PeerHooks {
  readonly onError: PeerOptions['onError'];
  /** Called when a peer is over. */
  readonly onOver?: (peer: Peer) => void;
}

/**
 * Makes a peer of options that were checked. It stands beside the class, so that the types of the package need
 * not show these options.
 */
export let newPeer: (duplex: Duplex, options: ResolvedPeerOptions, hooks: PeerHooks) => Peer;

/** One end of a connection between peers. Both ends have the same methods. */
export class Peer {
  readonly #options: ResolvedPeerOptions;
  readonly #driver: SessionDriver;
  readonly #handlers: Handlers<Peer>;
  // What waits for the remote, and the channels. Each is made when it is first used: most peers are idle.
  #answers: Pending<Reply> | undefined;
  #pongs: Pending<number> | undefined;
  #notices: Pending<void> | undefined;
  #openings: Pending<void> | undefined;
  /** The channels of both sides, by their ids. */
  #channels: Map<number, ChannelStream> | undefined;
  #lastNotice = 0;
  #lastOpening = 0;
  /** Resolves when the remote has said hello. Rejects when the peer ends without a hello of the remote. */
  readonly ready: Promise<void>;

  static {
    newPeer = (duplex, options, hooks) => new Peer(duplex, options, hooks);
  }

  private constructor(duplex: Duplex, options: ResolvedPeerOptions, hooks: PeerHooks) {
    this.#options = options;
    const core = new Peer.#Core(this, hooks);
    this.#handlers = new Handlers<Peer>(core);
    this.ready = core.ready;
    this.ready.catch(ignore);
    this.#driver = new SessionDriver(duplex, options, core);
  }

  /**
   * Resolves when the peer is over: with `undefined` after an orderly end, otherwise with its error. Never
   * rejects.
   */
  get closed(): Promise<UnstickError | undefined> {
    return this.#driver.over;
  }

  /** The value with which `closed` resolved. It is `undefined` until `closed` resolves. */
  get failure(): UnstickError | undefined {
    return this.#driver.failure;
  }

  /** `address:port` of the remote, if the duplex has one. */
  get remoteAddress(): string | undefined {
    return this.#driver.remoteAddress;
  }

  /**
   * Sends a request and resolves to the answer. Rejects with RemoteError when the remote's handler failed or
   * there was none. Rejects with ConnectionError for any other failure; its `sent` is false if the remote
   * cannot have seen the request. Rejects with UsageError for a wrong call, such as ERR_FRAME_UNENCODABLE.
   */
  async request(name: string, params?: Json, options: RequestOptions = {}): Promise<Reply> {
    const { requestTimeout } = this.#options;
    const { body, timeout, signal } = resolveRequest(name, options, requestTimeout);
    this.#checkUsable();
    return this.#driver.act((session) => {
      const id = session.request(name, params, body);
      this.#answers ??= new Pending('The answer', this.#driver);
      return this.#answers.wait(id, {
        timeout,
        signal,
        sent: () => session.wasSent(id),
        onGiveUp: () => this.#driver.act(() => session.giveUp(id)),
      });
    });
  }

  /**
   * Registers the handler that answers requests of this name. Call this in the turn of the event loop in
   * which the peer was made, before requests can come. Throws UsageError if the name already has a handler.
   */
  handle(name: string, handler: RequestHandler<Peer>): void {
    this.#handlers.handleRequest(name, handler);
  }

  /**
   * Sends an event, which has no answer. Resolves when the kernel has the bytes of the event and few other
   * bytes wait. Rejects with ConnectionError if the peer is closing or over, or if too many bytes wait, and
   * with UsageError for a wrong call, such as ERR_FRAME_UNENCODABLE.
   */
  async notify(name: string, params?: Json, options: NotifyOptions = {}): Promise<void> {
    const body = resolveNotify(name, options);
    this.#checkUsable();
    const notice = ++this.#lastNotice;
    const notices = (this.#notices ??= new Pending('The sending of an event', this.#driver));
    const taken = notices.wait(notice);
    taken.catch(() => undefined);
    try {
      const onReusable = (): void => notices.resolve(notice);
      const onRefused = (error: unknown): void => void notices.reject(notice, error);
      this.#driver.act((session) => session.notify(name, params, { body, onReusable, onRefused }));
    } catch (error) {
      notices.reject(notice, error);
    }
    return taken;
  }

  /** Registers the handler of events of this name, as `handle` does. */
  handleEvent(name: string, handler: EventHandler<Peer>): void {
    this.#handlers.handleEvent(name, handler);
  }

  /**
   * Opens a channel and returns it at once. Bytes that the caller writes wait until the remote has room for
   * the channel. If that takes longer than `timeout`, the channel fails with ERR_TIMEOUT. Throws
   * ConnectionError if the peer is closing or over, or if too much waits, and UsageError for a wrong call.
   */
  open(name: string, params?: Json, options: OpenOptions = {}): Channel {
    const { timeout, signal } = resolveOpen(name, options);
    this.#checkUsable();
    const opening = ++this.#lastOpening;
    const openings = (this.#openings ??= new Pending('Room for the channel', this.#driver));
    const opened = openings.wait(opening, { timeout });
    const onOpened = (): void => openings.resolve(opening);
    try {
      return this.#driver.act((session) => {
        const id = session.open(name, params, onOpened);
        const channel = this.#newChannel(id, { name, params: params ?? null }, onOpened);
        opened.catch((error: unknown) => channel.destroy(asError(error)));
        if (signal !== undefined) {
          destroyOnAbort(channel, signal);
        }
        return channel;
      });
    } catch (error) {
      onOpened();
      throw error;
    }
  }

  /** Registers the handler of channels of this name that the remote opens, as `handle` does. */
  handleChannel(name: string, handler: ChannelHandler): void {
    this.#handlers.handleChannel(name, handler);
  }

  /**
   * Sends a ping and resolves to the time until its answer, in ms. Rejects with ConnectionError: ERR_TIMEOUT
   * if no answer comes in time, ERR_QUEUE_FULL if too many pings have no answer, or that of a peer that is
   * over. Rejects with UsageError ERR_OPTION for a wrong option.
   */
  async ping(options: PingOptions = {}): Promise<number> {
    const timeout = resolvePing(options);
    this.#checkUsable();
    const id = this.#driver.act((session) => session.ping());
    if (id === undefined) {
      throw tooManyWait('pings have no answer yet', MAX_UNANSWERED_PINGS, 'Await some of them.');
    }
    const start = performance.now();
    this.#pongs ??= new Pending('The answer to a ping', this.#driver);
    return (await this.#pongs.wait(id, { timeout })) - start;
  }

  /**
   * Ends the peer in order. This side starts nothing new. Requests and channels that are under way finish on
   * both sides, and then the connection ends. If that takes longer than `within` ms (default 30 000),
   * everything that is left is cut off and the promise rejects with ERR_TIMEOUT. If the peer fails in another
   * way, the promise resolves, and `closed` has the failure. Rejects with UsageError ERR_OPTION for a wrong
   * option.
   */
  close(options: CloseOptions = {}): Promise<void> {
    let within: number;
    try {
      within = resolveWithin(options, CLOSE_MS);
    } catch (error) {
      return Promise.reject(error);
    }
    const closing = this.#close(within);
    // A close that the caller does not await must not end the process.
    closing.catch(() => undefined);
    return closing;
  }

  /** Ends the peer at once, with a reset. Everything that waits fails with ERR_CONNECTION_CLOSED. */
  destroy(cause?: unknown): void {
    this.#driver.destroy(closed('destroyed', this.remoteAddress, cause));
  }

  /** Calls `close({ within: 5000 })`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close({ within: DISPOSE_MS });
  }

  /**
   * The peer as its driver and its handlers see it. It is one object: separate closures for its members took a
   * fifth of the memory of an idle peer.
   */
  static readonly #Core = class implements DriverEvents, HandlersHost<Peer> {
    readonly peer: Peer;
    readonly #hooks: PeerHooks;
    #theirs: TheirChannels | undefined;
    readonly ready: Promise<void>;
    /** The functions that settle `ready`, until it is settled. */
    #onReady: { resolve(): void; reject(error: unknown): void } | undefined;

    constructor(of: Peer, hooks: PeerHooks) {
      this.peer = of;
      this.#hooks = hooks;
      this.ready = new Promise((resolve, reject) => {
        this.#onReady = { resolve, reject };
      });
    }

    get options(): ResolvedPeerOptions {
      return this.peer.#options;
    }

    get progress(): number {
      return this.peer.#driver.progress;
    }

    report(error: unknown, isRemotesDoing: boolean): void {
      const { onError } = this.#hooks;
      const told = onError === undefined ? undefined : (one: unknown) => onError(one, this.peer);
      report(error, told, isRemotesDoing);
    }

    handles(kind: 'request' | 'event' | 'channel', name: string): boolean {
      return this.peer.#handlers.handles(kind, name);
    }

    hello(): void {
      this.#onReady?.resolve();
      this.#onReady = undefined;
    }

    request(id: number, call: Call): void {
      void this.#handle(id, call);
    }

    cancel(id: number): void {
      this.peer.#handlers.cancel(id);
    }

    answer(id: number, answer: Answer): void {
      if ('error' in answer) {
        const { code, message, details } = answer.error;
        this.peer.#answers?.reject(id, new RemoteError(code, message, { details }));
      } else {
        this.peer.#answers?.resolve(id, new Reply(answer.result, answer.body));
      }
    }

    event(call: Call): void {
      this.peer.#handlers.run(call);
    }

    open(id: number, call: Call): void {
      this.#theirs ??= new TheirChannels(this.peer.#options.limits);
      const release = this.#theirs.take(call.headerLength, this.peer.#channels?.values() ?? []);
      if (release === undefined) {
        this.peer.#driver.act((session) => session.reset(id, 'BUSY'));
        return;
      }
      // The channel counts until two things have happened: its stream is closed, and its handler is done.
      let holders = 2;
      const letGo = (): void => {
        if (--holders === 0) {
          release();
        }
      };
      this.peer.#handlers.accept(this.peer.#newChannel(id, call, letGo), letGo);
    }

    bytes(id: number, pieces: readonly Uint8Array[]): void {
      this.peer.#channels?.get(id)?.bytes(pieces);
    }

    end(id: number): void {
      this.peer.#channels?.get(id)?.ended();
    }

    reset(id: number, reason: string | undefined): void {
      this.peer.#channels?.get(id)?.wasReset(reason);
    }

    pong(id: number): void {
      this.peer.#pongs?.resolve(id, performance.now());
    }

    unsent(kind: 'request' | 'channel', id: number, error: UnstickError): void {
      if (kind === 'request') {
        this.peer.#answers?.reject(id, error);
      } else {
        this.peer.#channels?.get(id)?.fail(error);
      }
    }

    stalled(id: number, stall: Stall): void {
      this.peer.#channels?.get(id)?.fail(stalled(stall, this.options.channelTimeout));
    }

    silent(what: 'hello' | 'heartbeat'): void {
      this.peer.#driver.giveUp(what);
    }

    // When event handlers are slower than the events, reading pauses. The pause slows the remote down.
    room(): Promise<void> | undefined {
      return this.peer.#handlers.room;
    }

    /**
     * Called when the peer is over. Fails everything that waits, and aborts the signals of running handlers.
     */
    over(failure: UnstickError | undefined): void {
      const lossOfOne = (sent?: boolean): UnstickError =>
        lossOf(failure, this.peer.remoteAddress, sent);
      const loss = lossOfOne();
      this.#onReady?.reject(failure ?? loss);
      this.peer.#answers?.rejectAll((id) =>
        lossOfOne(this.peer.#driver.act((session) => session.wasSent(id))),
      );
      this.peer.#notices?.rejectAll(() => loss);
      this.peer.#pongs?.rejectAll(() => loss);
      for (const channel of this.peer.#channels?.values() ?? []) {
        channel.fail(loss);
      }
      this.peer.#handlers.end(loss);
      this.#hooks.onOver?.(this.peer);
    }

    async #handle(id: number, call: Call): Promise<void> {
      const answer = await this.peer.#handlers.answer(id, call);
      this.peer.#driver.act((session) => {
        try {
          session.answer(id, answer);
        } catch (error) {
          // `answer` threw, because the answer is not JSON or is too long for the remote. So send a failure
          // instead.
          session.answer(id, { error: this.peer.#handlers.failureOf(error) });
        }
      });
    }
  };

  async #close(within: number): Promise<void> {
    const facts = `The peer did not end within ${within} ms`;
    const late = connectionError('ERR_TIMEOUT', facts, {
      remoteAddress: this.remoteAddress,
      limit: within,
      reason: 'within',
      hint: 'A request or channel was still under way on one of the sides, and was cut off.',
    });
    const timer =
      within === Infinity ? undefined : setTimeout(() => this.#driver.destroy(late), within);
    this.#driver.act((session) => session.close());
    const failure = await this.closed;
    clearTimeout(timer);
    if (failure === late) {
      throw late;
    }
  }

  #checkUsable(): void {
    if (this.#driver.isOver) {
      throw lossOf(this.failure, this.remoteAddress, false);
    }
  }

  #newChannel(
    id: number,
    { name, params }: Pick<Call, 'name' | 'params'>,
    onGone?: () => void,
  ): ChannelStream {
    const driver = this.#driver;
    const { channelTimeout } = this.#options;
    const channel = new ChannelStream(
      { id, name, params, channelTimeout },
      {
        write: (pieces, onWritten) => driver.act((session) => session.write(id, pieces, onWritten)),
        end: (onEnded) => driver.act((session) => session.end(id, onEnded)),
        reset: (reason) => driver.act((session) => session.reset(id, reason)),
        consumed: (length) => driver.act((session) => session.consumed(id, length)),
        gone: () => {
          this.#channels?.delete(id);
          onGone?.();
        },
      },
    );
    this.#channels ??= new Map();
    this.#channels.set(id, channel);
    return channel;
  }
}

/** Makes a peer on a duplex. Register its handlers in the same turn of the event loop. Throws UsageError. */
export function peer(duplex: Duplex, options: PeerOptions = {}): Peer {
  const { onError, ...settings } = options;
  if (onError !== undefined) {
    checkFunction('onError', onError);
  }
  return newPeer(duplex, resolvePeerOptions(settings), { onError });
}
