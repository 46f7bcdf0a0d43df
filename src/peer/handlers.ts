// What this side does when the other asks: the handlers, and those of them that run.

import { UsageError } from '../errors.ts';
import type { Channel } from './channel.ts';
import type { Answer } from './session/requests.ts';
import { RemoteError } from './session/remote-error.ts';
import type { Json } from './session/wire.ts';

/** What a handler of requests is given besides the params. */
export interface IncomingRequest<P> {
  readonly body: Uint8Array;
  /** Aborts when the requester gave up, or the connection is over. */
  readonly signal: AbortSignal;
  readonly peer: P;
}

export interface IncomingEvent<P> {
  readonly body: Uint8Array;
  readonly peer: P;
}

/** Gives the result, or `reply(result, body)`, or a promise of either. What it throws is the answer, too. */
export type RequestHandler<P> = (params: Json, request: IncomingRequest<P>) => unknown;
export type EventHandler<P> = (params: Json, event: IncomingEvent<P>) => unknown;
/** The channel is its own from then on; a throw or a rejection resets it. */
export type ChannelHandler = (channel: Channel, params: Json) => unknown;

/** A result with bytes. */
export class Reply {
  readonly result: Json;
  readonly body: Uint8Array;

  constructor(result: Json, body: Uint8Array) {
    this.result = result;
    this.body = body;
  }
}

const NO_BYTES = new Uint8Array(0);

/** What a handler returns when its answer has a body. Text is sent as UTF-8. */
export function reply(result: Json, body: Uint8Array | string = NO_BYTES): Reply {
  return new Reply(result, typeof body === 'string' ? Buffer.from(body) : body);
}

/** Event handlers that may run at a time before nothing more is read from the other side. */
const MAX_RUNNING_EVENTS = 128;

export class Handlers<P> {
  readonly #peer: P;
  readonly #report: (error: unknown) => void;
  readonly #requests = new Map<string, RequestHandler<P>>();
  readonly #events = new Map<string, EventHandler<P>>();
  readonly #channels = new Map<string, ChannelHandler>();
  /** Of the requests that are being handled. */
  readonly #aborts = new Map<number, AbortController>();
  #runningEvents = 0;
  #onRoom: (() => void) | undefined;

  constructor(peer: P, report: (error: unknown) => void) {
    this.#peer = peer;
    this.#report = report;
  }

  handleRequest(name: string, handler: RequestHandler<P>): void {
    register(this.#requests, name, handler);
  }

  handleEvent(name: string, handler: EventHandler<P>): void {
    register(this.#events, name, handler);
  }

  handleChannel(name: string, handler: ChannelHandler): void {
    register(this.#channels, name, handler);
  }

  /** Resolves when another event may be handled; undefined where one may be now. */
  get room(): Promise<void> | undefined {
    if (this.#runningEvents < MAX_RUNNING_EVENTS) return undefined;
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** Never rejects. */
  async answer(id: number, name: string, params: Json, body: Uint8Array): Promise<Answer> {
    const handler = this.#requests.get(name);
    if (handler === undefined) {
      const message = 'Nothing here handles requests of this name.';
      return { error: { code: 'NO_HANDLER', message } };
    }
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    try {
      const result = await handler(params, { body, signal: abort.signal, peer: this.#peer });
      if (result instanceof Reply) return { result: result.result, body: result.body };
      // What is no JSON is found when it is written.
      return { result: (result ?? null) as Json, body: NO_BYTES };
    } catch (error) {
      return { error: this.failureOf(error) };
    } finally {
      this.#aborts.delete(id);
    }
  }

  /** What the requester is told of an error: a RemoteError whole, of any other only that it happened. */
  failureOf(error: unknown): { code: string; message: string; details?: Json } {
    if (error instanceof RemoteError) {
      const { remoteCode: code, message, details } = error;
      return { code, message, ...(details === undefined ? {} : { details: details as Json }) };
    }
    this.#report(error);
    return { code: 'HANDLER_FAILED', message: 'The handler failed.' };
  }

  cancel(id: number): void {
    this.#aborts.get(id)?.abort();
  }

  cancelAll(reason: unknown): void {
    for (const abort of this.#aborts.values()) abort.abort(reason);
  }

  /** An event that nobody handles is dropped: whoever needs to know asks with a request. */
  run(name: string, params: Json, body: Uint8Array): void {
    const handler = this.#events.get(name);
    if (handler === undefined) return;
    this.#runningEvents++;
    attempt(() => handler(params, { body, peer: this.#peer }), {
      onError: this.#report,
      onDone: () => {
        this.#runningEvents--;
        this.#onRoom?.();
        this.#onRoom = undefined;
      },
    });
  }

  /** `onDone` is called when the handler is done, in whatever way. */
  accept(channel: Channel, onDone: () => void): void {
    const handler = this.#channels.get(channel.name);
    if (handler === undefined) {
      channel.reset('NO_HANDLER');
      onDone();
      return;
    }
    attempt(() => handler(channel, channel.params), {
      onError: (error) => channel.reset(this.failureOf(error).code),
      onDone,
    });
  }
}

/** Calls a handler. Where it gives no promise it is done at once. */
function attempt(
  act: () => unknown,
  { onError, onDone }: { onError: (error: unknown) => void; onDone: () => void },
): void {
  try {
    const result = act();
    if (result instanceof Promise) {
      result.catch(onError).finally(onDone);
      return;
    }
  } catch (error) {
    onError(error);
  }
  onDone();
}

function register<H>(handlers: Map<string, H>, name: string, handler: H): void {
  if (typeof name !== 'string' || typeof handler !== 'function')
    throw new UsageError('ERR_OPTION', 'A handler is registered with a name and a function.');
  if (handlers.has(name))
    throw new UsageError('ERR_OPTION', `${JSON.stringify(name)} has a handler already.`);
  handlers.set(name, handler);
}
