// Requests of both sides: which of them wait to be sent, wait for their answer, or are being handled. Ids
// only rise, so an answer to a request that was given up cannot be taken for the answer to another request.
// This file is pure.

import type { StreamPlace, UnstickError } from '../../errors.ts';
import { printable } from '../../text.ts';
import { Budget } from './budget.ts';
import { Fifo } from './fifo.ts';
import type { Entry } from './fifo.ts';
import type { Encoded, Outbox, Outgoing } from './outbox.ts';
import { tooManyWait } from './peer-errors.ts';
import { violation } from './wire.ts';
import type { Failure, Json, PeerLimits } from './wire.ts';

/** How a request ended. */
export type Answer =
  { readonly result: Json; readonly body: Uint8Array } | { readonly error: Failure };

/** A request of this side. Its bytes are let go once they are sent, however long the answer takes. */
interface Asked {
  readonly id: number;
  encoded: Encoded | undefined;
  readonly headerLength: number;
  /**
   * The three stages of a request: it first waits for room at the remote (`waiting`), then is queued in the
   * outbox (`queued`), and then is sent (`sent`).
   */
  waiting: Entry<Asked> | undefined;
  queued: Entry<Outgoing> | undefined;
  sent: boolean;
  /**
   * Whether the requester has given up. The entry stays until the answer comes, because the request still
   * takes up room at the remote.
   */
  givenUp: boolean;
}

/** A request of the remote that has no answer yet. */
interface Handled {
  readonly headerLength: number;
  isCancelled: boolean;
}

/** The facts that decide whether a request of the remote is handled. */
export interface AskedFor {
  readonly name: string;
  readonly isHandled: boolean;
  readonly headerLength: number;
}

export interface RequestHooks {
  /** Called when a request of this side is too long for the remote. */
  refused(id: number, error: UnstickError): void;
  /** Called when the remote sent a message that costs this side something and has no effect. */
  waste(): void;
}

/** Maximum number of requests that wait for room at the remote. */
const MAX_WAITING = 16_384;

export class Requests {
  readonly #outbox: Outbox;
  readonly #maxHandled: number;
  readonly #hooks: RequestHooks;
  #lastId = 0;
  #lastRemoteId = 0;
  /** Requests of this side that have no answer yet. Made with the first, as `#handled` is. */
  #ours: Map<number, Asked> | undefined;
  readonly #waiting = new Fifo<Asked>();
  /**
   * Number of our requests that the remote takes at a time. It is 0 before the remote's hello, so that
   * nothing is sent.
   */
  #maxInFlight = 0;
  #inFlight = 0;
  #ourHeaders = new Budget(Infinity);
  /** Requests of the remote that have no answer yet. */
  #handled: Map<number, Handled> | undefined;
  readonly #theirHeaders: Budget;
  /** Number of answered requests for which a cancel may still be under way. Such a cancel is no waste. */
  #lateCancels = 0;
  /** Number of answers that the connection has not taken yet. Their requests still count as being handled. */
  #unsentAnswers = 0;

  constructor(outbox: Outbox, local: PeerLimits, hooks: RequestHooks) {
    this.#outbox = outbox;
    this.#maxHandled = local.maxPendingRequests;
    this.#theirHeaders = new Budget(local.maxPendingHeaderLength);
    this.#hooks = hooks;
  }

  /**
   * Whether every request of both sides has its answer, and the connection has taken all answers of this
   * side.
   */
  get isIdle(): boolean {
    return (this.#ours?.size ?? 0) + this.#pending === 0;
  }

  /** Number of requests of the remote whose answers the connection has not taken yet. */
  get #pending(): number {
    return (this.#handled?.size ?? 0) + this.#unsentAnswers;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  set remote(limits: PeerLimits) {
    this.#maxInFlight = limits.maxPendingRequests;
    this.#ourHeaders = new Budget(limits.maxPendingHeaderLength);
    this.#admit();
  }

  /** Queues a request and returns its id. Throws ERR_QUEUE_FULL or ERR_FRAME_UNENCODABLE. */
  ask(name: string, params: Json | undefined, body: Uint8Array): number {
    if (this.#waiting.length >= MAX_WAITING) {
      throw tooManyWait('requests wait to be sent', MAX_WAITING, 'Await some before making more.');
    }
    const id = this.#lastId + 1;
    const header = {
      kind: 'request',
      id,
      name,
      ...(params === undefined ? {} : { params }),
    } as const;
    const encoded = this.#outbox.encode(header, body.length === 0 ? [] : [body]);
    this.#outbox.checkRoom(encoded);
    this.#lastId = id;
    const asked: Asked = {
      id,
      encoded,
      headerLength: encoded.headerLength,
      waiting: undefined,
      queued: undefined,
      sent: false,
      givenUp: false,
    };
    this.#ours ??= new Map();
    this.#ours.set(id, asked);
    asked.waiting = this.#waiting.push(asked);
    this.#outbox.hold(encoded);
    this.#admit();
    return id;
  }

  /**
   * Returns whether the connection has taken the request, so that the remote may have acted on it. Returns
   * true for an unknown id.
   */
  wasSent(id: number): boolean {
    return this.#ours?.get(id)?.sent ?? true;
  }

  /**
   * Called when the requester gives up. Sends a cancel. If the request was not sent yet, withdraws it
   * instead.
   */
  giveUp(id: number): void {
    const request = this.#ours?.get(id);
    if (request === undefined || request.givenUp) {
      return;
    }
    if (request.sent) {
      request.givenUp = true;
      this.#outbox.send({ kind: 'cancel', id });
      return;
    }
    // The requester learns that the request was not sent, and may ask again. So this request must never be
    // sent.
    this.#ours?.delete(id);
    if (request.waiting !== undefined && this.#waiting.remove(request.waiting)) {
      this.#noLongerWaits(request);
    }
    if (request.queued === undefined || !this.#outbox.withdraw(request.queued)) {
      return;
    }
    this.#leave(request);
  }

  /** Drops the requests that wait, because the remote will take no more. Returns their ids. */
  dropWaiting(): number[] {
    const ids: number[] = [];
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#noLongerWaits(next);
      this.#ours?.delete(next.id);
      ids.push(next.id);
    }
    return ids;
  }

  /** Called when an answer came. Returns whether its requester still waits for the answer. */
  answered(id: number, place: StreamPlace): boolean {
    const request = this.#ours?.get(id);
    if (request?.sent !== true) {
      throw violation(`An answer to request ${id}, which waits for none`, place);
    }
    this.#ours?.delete(id);
    this.#leave(request);
    return !request.givenUp;
  }

  /**
   * Called when a request came. Returns whether to handle it. If the result is false, the request was
   * answered with a failure.
   */
  asked(id: number, { name, isHandled, headerLength }: AskedFor, place: StreamPlace): boolean {
    // Ids rise. An id is missing if the requester gave up before that request was sent.
    if (id <= this.#lastRemoteId) {
      throw violation(`Request ${id} came after request ${this.#lastRemoteId}`, place);
    }
    this.#lastRemoteId = id;
    const isCrowded = this.#pending >= this.#maxHandled;
    if (isCrowded || !this.#theirHeaders.fits(headerLength)) {
      const message = isCrowded
        ? `${this.#maxHandled} requests are being handled already.`
        : 'The headers of all requests that are being handled are too long together.';
      this.#refuse(id, { code: 'BUSY', message });
    } else if (isHandled) {
      this.#handled ??= new Map();
      this.#handled.set(id, { headerLength, isCancelled: false });
      this.#theirHeaders.hold(headerLength);
      return true;
    } else {
      const message = `Nothing here handles requests named ${printable(name, { maxLength: 60 })}.`;
      this.#refuse(id, { code: 'NO_HANDLER', message });
    }
    return false;
  }

  #refuse(id: number, error: Failure): void {
    this.#outbox.answer({ kind: 'failure', id, error });
    this.#hooks.waste();
  }

  /**
   * Called when the remote gave a request up. Returns whether the request is still being handled. The remote
   * may give up each request once, even if its answer is already under way.
   */
  cancelled(id: number, place: StreamPlace): boolean {
    if (id > this.#lastRemoteId) {
      throw violation(`Request ${id} was cancelled before it came`, place);
    }
    const handled = this.#handled?.get(id);
    if (handled?.isCancelled === false) {
      handled.isCancelled = true;
      return true;
    }
    if (handled === undefined && this.#lateCancels > 0) {
      this.#lateCancels--;
    } else {
      this.#hooks.waste();
    }
    return false;
  }

  /**
   * Answers a request of the remote. Ignores a second answer. Throws UsageError ERR_FRAME_UNENCODABLE, and
   * then the request has no answer yet.
   */
  answer(id: number, answer: Answer): void {
    const handled = this.#handled?.get(id);
    if (handled === undefined) {
      return;
    }
    const callbacks = { onTaken: (): void => void this.#unsentAnswers-- };
    if ('error' in answer) {
      this.#outbox.send({ kind: 'failure', id, error: answer.error }, undefined, callbacks);
    } else {
      this.#outbox.send({ kind: 'response', id, result: answer.result }, answer.body, callbacks);
    }
    this.#handled?.delete(id);
    this.#theirHeaders.release(handled.headerLength);
    if (!handled.isCancelled) {
      this.#lateCancels = Math.min(this.#lateCancels + 1, this.#maxHandled);
    }
    this.#unsentAnswers++;
  }

  /** Queues waiting requests while the remote has room for them. */
  #admit(): void {
    while (this.#inFlight < this.#maxInFlight) {
      const next = this.#waiting.peek();
      if (next?.encoded === undefined || !this.#ourHeaders.fits(next.headerLength)) {
        return;
      }
      this.#waiting.shift();
      this.#noLongerWaits(next);
      // Check again: the request may have been encoded before the remote's limits were known.
      const error = this.#outbox.misfit(next.encoded);
      if (error === undefined) {
        this.#queue(next, next.encoded);
      } else {
        this.#ours?.delete(next.id);
        this.#hooks.refused(next.id, error);
      }
    }
  }

  /** Called when a request in flight is over. Queues the next request, if there is room for it now. */
  #leave({ headerLength }: Asked): void {
    this.#inFlight--;
    this.#ourHeaders.release(headerLength);
    this.#admit();
  }

  #noLongerWaits({ encoded }: Asked): void {
    if (encoded !== undefined) {
      this.#outbox.release(encoded);
    }
  }

  #queue(asked: Asked, encoded: Encoded): void {
    this.#inFlight++;
    this.#ourHeaders.hold(asked.headerLength);
    const onTaken = (): void => {
      asked.sent = true;
      asked.encoded = undefined;
      asked.queued = undefined;
    };
    asked.queued = this.#outbox.push(encoded, { onTaken });
  }
}
