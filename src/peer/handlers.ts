// The handlers of this side: which are registered, and which are running for the remote.

import { NO_BYTES } from '../codec/bytes.ts';
import { UsageError } from '../errors.ts';
import { checkFunction, refuseValue } from '../options.ts';
import { Deadline } from '../stream/deadline.ts';
import type { Timed } from '../stream/deadline.ts';
import { connectionError } from '../stream/transport.ts';
import { printable } from '../text.ts';
import type { Channel, ChannelStream } from './channel.ts';
import { isAboutRemote, isAftermath } from './on-error.ts';
import type { ResolvedPeerOptions } from './peer-options.ts';
import { bytesOf } from './verb-options.ts';
import type { Answer } from './session/requests.ts';
import { RemoteError } from './session/remote-error.ts';
import type { Call } from './session/session-events.ts';
import type { Failure, Json } from './session/wire.ts';

/** Second argument of a request handler. (The first argument is the params.) */
export interface IncomingRequest<P> {
  readonly body: Uint8Array;
  /** Aborts when the requester gives up, the handler takes too long, or the connection is over. */
  readonly signal: AbortSignal;
  readonly peer: P;
}

/** Second argument of an event handler. (The first argument is the params.) */
export interface IncomingEvent<P> {
  readonly body: Uint8Array;
  readonly peer: P;
}

/**
 * Function that answers a request. It returns the result, `reply(result, body)`, or a promise of either. If
 * it throws a RemoteError, the requester gets that error. If it throws any other error, the requester gets
 * HANDLER_FAILED, and `onError` of this side gets the error.
 */
export type RequestHandler<P> = (params: Json, request: IncomingRequest<P>) => unknown;
/**
 * Function that takes an event. Its result is ignored. If it returns a promise, the event counts as running
 * until the promise settles. If it throws or rejects, `onError` of this side gets the error.
 */
export type EventHandler<P> = (params: Json, event: IncomingEvent<P>) => unknown;
/**
 * Function that takes a channel. If it throws or rejects, the channel is reset: with the code of a
 * RemoteError as the reason, or with HANDLER_FAILED for any other error, which `onError` of this side gets.
 * If it returns a promise, this side's half of the channel ends when the promise resolves, unless a stream is
 * piped into the channel. If it returns no promise, it may go on using the channel after it has returned.
 */
export type ChannelHandler = (channel: Channel, params: Json) => unknown;

/** A result with a body. */
export class Reply {
  readonly result: Json;
  readonly body: Uint8Array;

  constructor(result: Json, body: Uint8Array) {
    this.result = result;
    this.body = body;
  }
}

/** Makes an answer with a body, which a request handler returns. Text is sent as UTF-8. */
export function reply(result: Json, body: Uint8Array | string = NO_BYTES): Reply {
  return new Reply(result, bytesOf(body));
}

/** Maximum number of running event handlers. When so many run, we stop reading from the remote. */
const MAX_RUNNING_EVENTS = 128;

/** Everything that the handlers need of their peer. */
export interface HandlersHost<P> {
  readonly peer: P;
  readonly options: ResolvedPeerOptions;
  /** A number that grows with every byte and message of the remote. */
  readonly progress: number;
  /**
   * Takes the errors that handlers throw, except a RemoteError that goes to the remote. `isRemotesDoing` says
   * whether the remote alone caused the error.
   */
  report(error: unknown, isRemotesDoing: boolean): void;
}

/** A request handler that is running. */
interface Running {
  readonly abort: AbortController;
  readonly startedAt: number;
  readonly onTimeout: (failure: Failure) => void;
}

/**
 * Makes a request as its handler sees it. The signal is a getter, so that it is made only for a handler that
 * asks for it: on Node 20 making it took a third of the time of a small request.
 */
function incoming<P>(body: Uint8Array, peer: P, abort: AbortController): IncomingRequest<P> {
  return {
    body,
    peer,
    get signal() {
      return abort.signal;
    },
  };
}

export class Handlers<P> implements Timed {
  readonly #host: HandlersHost<P>;
  // The maps and the deadline are made when they are first used: most peers are idle and need few of them.
  #requests: Map<string, RequestHandler<P>> | undefined;
  #events: Map<string, EventHandler<P>> | undefined;
  #channels: Map<string, ChannelHandler> | undefined;
  /** The running request handlers by the id of their request, the oldest first. */
  #running: Map<number, Running> | undefined;
  /** Number of handlers that still run, although their requester has already got HANDLER_TIMEOUT. */
  #overdue = 0;
  #deadline: Deadline | undefined;
  #runningEvents = 0;
  #eventHeaders = 0;
  #onRoom: (() => void) | undefined;

  constructor(host: HandlersHost<P>) {
    this.#host = host;
  }

  handleRequest(name: string, handler: RequestHandler<P>): void {
    this.#requests = registered(this.#requests, name, handler);
  }

  handleEvent(name: string, handler: EventHandler<P>): void {
    this.#events = registered(this.#events, name, handler);
  }

  handleChannel(name: string, handler: ChannelHandler): void {
    this.#channels = registered(this.#channels, name, handler);
  }

  handles(kind: 'request' | 'event' | 'channel', name: string): boolean {
    const handlers = { request: this.#requests, event: this.#events, channel: this.#channels };
    return handlers[kind]?.has(name) === true;
  }

  /**
   * If too many event handlers run, or their headers are too long together: a promise that resolves when one
   * of them is done. Otherwise `undefined`.
   */
  get room(): Promise<void> | undefined {
    const { maxPendingHeaderLength } = this.#host.options.limits;
    const isFull =
      this.#runningEvents >= MAX_RUNNING_EVENTS || this.#eventHeaders > maxPendingHeaderLength;
    if (!isFull) {
      return undefined;
    }
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /**
   * Runs the handler of a request. Resolves with its answer, or with BUSY or HANDLER_TIMEOUT. Never rejects.
   */
  answer(id: number, call: Call): Promise<Answer> {
    const { handlerTimeout, limits } = this.#host.options;
    // Refuse when too many handlers run on after their time: such handlers hold memory, too.
    if (this.#overdue >= limits.maxPendingRequests) {
      const message = `${this.#overdue} handlers run on after their time.`;
      return Promise.resolve({ error: { code: 'BUSY', message } });
    }
    return new Promise((resolve) => {
      const running: Running = {
        abort: new AbortController(),
        startedAt: performance.now(),
        onTimeout: (error) => resolve({ error }),
      };
      this.#running ??= new Map();
      this.#running.set(id, running);
      if (this.#running.size === 1) {
        this.#expireAt(running.startedAt + handlerTimeout);
      }
      void this.#handle(call, running.abort).then((answer) => {
        if (this.#running?.get(id) === running) {
          this.#running.delete(id);
        } else {
          this.#overdue--;
        }
        resolve(answer);
      });
    });
  }

  /**
   * Returns the failure that the remote gets for an error. A RemoteError goes to the remote with all its
   * fields. Of any other error the remote learns only that the handler failed, and the error is reported on
   * this side.
   */
  failureOf(error: unknown, isRemotesDoing: boolean = isAboutRemote(error)): Failure {
    if (error instanceof RemoteError) {
      const { remoteCode: code, remoteMessage = '', details } = error;
      const more = details === undefined ? {} : { details: details as Json };
      return { code, message: remoteMessage, ...more };
    }
    this.#host.report(error, isRemotesDoing);
    return { code: 'HANDLER_FAILED', message: 'The handler failed.' };
  }

  cancel(id: number): void {
    this.#running?.get(id)?.abort.abort();
  }

  /** A number that grows with every byte and message of the remote. */
  get progress(): number {
    return this.#host.progress;
  }

  /** Called when the connection is over. Aborts the signals of all running request handlers. */
  end(reason: unknown): void {
    this.#deadline?.clear();
    for (const { abort } of this.#running?.values() ?? []) {
      abort.abort(reason);
    }
  }

  /** Runs the handler of an event. Drops an event without a handler. */
  run({ name, params, body, headerLength }: Call): void {
    const handler = this.#events?.get(name);
    if (handler === undefined) {
      return;
    }
    this.#runningEvents++;
    this.#eventHeaders += headerLength;
    attempt(() => handler(params, { body, peer: this.#host.peer }), {
      onError: (error) => this.#host.report(error, isAboutRemote(error)),
      onDone: () => {
        this.#runningEvents--;
        this.#eventHeaders -= headerLength;
        this.#onRoom?.();
        this.#onRoom = undefined;
      },
    });
  }

  /**
   * Runs the handler of a channel. `onDone` is called when the handler is done, whether it returned, resolved
   * or failed.
   */
  accept(channel: ChannelStream, onDone: () => void): void {
    const handler = this.#channels?.get(channel.name);
    if (handler === undefined) {
      onDone();
      return;
    }
    attempt(() => handler(channel, channel.params), {
      onError: (error) => {
        const isOver = channel.errored !== null && isAftermath(error, channel.errored);
        channel.reset(this.failureOf(error, isOver || isAboutRemote(error)).code);
      },
      onDone: (isPromise) => {
        channel.leave(isPromise);
        onDone();
      },
    });
  }

  async #handle({ name, params, body }: Call, abort: AbortController): Promise<Answer> {
    try {
      const request = incoming(body, this.#host.peer, abort);
      const result = await this.#requests?.get(name)?.(params, request);
      if (result instanceof Reply) {
        return { result: result.result, body: result.body };
      }
      // A result that is no JSON is refused later, when it is encoded.
      return { result: (result ?? null) as Json, body: NO_BYTES };
    } catch (error) {
      const { signal } = abort;
      const isOver = signal.aborted && isAftermath(error, signal.reason);
      return { error: this.failureOf(error, isOver || isAboutRemote(error)) };
    }
  }

  #expireAt(at: number): void {
    this.#deadline ??= new Deadline(Infinity, this);
    this.#deadline.runUntil(at);
  }

  /**
   * Answers the requests whose handlers have taken too long, aborts the signals of these handlers, and
   * reports an error for each.
   */
  onExpire(): void {
    const limit = this.#host.options.handlerTimeout;
    const latest = performance.now() - limit;
    for (const [id, { abort, startedAt, onTimeout }] of this.#running ?? []) {
      if (startedAt > latest) {
        this.#expireAt(startedAt + limit);
        return;
      }
      this.#running?.delete(id);
      this.#overdue++;
      const facts = `A handler of requests did not answer within ${limit} ms`;
      const error = connectionError('ERR_TIMEOUT', facts, { limit, reason: 'handler' });
      abort.abort(error);
      this.#host.report(error, false);
      const message = `The handler did not answer within ${limit} ms.`;
      onTimeout({ code: 'HANDLER_TIMEOUT', message });
    }
  }
}

/**
 * Calls a handler, and waits for its promise or other thenable. A handler that returns no thenable is done
 * when it returns.
 */
function attempt(
  act: () => unknown,
  { onError, onDone }: { onError: (error: unknown) => void; onDone: (isPromise: boolean) => void },
): void {
  try {
    const result = act();
    if (isThenable(result)) {
      Promise.resolve(result)
        .catch(onError)
        .finally(() => onDone(true));
      return;
    }
  } catch (error) {
    onError(error);
  }
  onDone(false);
}

/** Whether the value is a promise. A promise of another library also counts. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Adds a handler to the map, which is made if there is none yet. Returns the map. */
function registered<H>(
  handlers: Map<string, H> | undefined,
  name: string,
  handler: H,
): Map<string, H> {
  if (typeof name !== 'string') {
    refuseValue('The name of a handler', 'a string', name);
  }
  checkFunction('A handler', handler);
  if (handlers?.has(name) === true) {
    throw new UsageError('ERR_OPTION', `${printable(name)} has a handler already.`);
  }
  return (handlers ?? new Map<string, H>()).set(name, handler);
}
