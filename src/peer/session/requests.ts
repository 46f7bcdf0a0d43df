// Requests of both sides: which wait to be sent, which wait for their answer, which are being handled.
// Pure. Ids only rise, so an answer that comes after its requester gave up can be told from one that
// nobody asked for.

import type { StreamPlace, UnstickError } from '../../errors.ts';
import { printable } from '../../text.ts';
import { Budget } from './budget.ts';
import { Fifo } from './fifo.ts';
import type { Entry } from './fifo.ts';
import type { Encoded, Outbox, Outgoing } from './outbox.ts';
import { tooManyWait } from './peer-errors.ts';
import { violation } from './wire.ts';
import type { Failure, Json, PeerLimits } from './wire.ts';

/** How a request ended over there. */
export type Answer =
  { readonly result: Json; readonly body: Uint8Array } | { readonly error: Failure };

/** One of ours. What is sent keeps its bytes no longer, however long the answer takes. */
interface Asked {
  readonly id: number;
  encoded: Encoded | undefined;
  readonly headerLength: number;
  /** In the line of those that the other side has no room for yet; then in the outbox; then sent. */
  waiting: Entry<Asked> | undefined;
  queued: Entry<Outgoing> | undefined;
  sent: boolean;
  /** Nobody waits for the answer. It stays until that comes: its place over there is taken. */
  givenUp: boolean;
}

/** One of theirs that has no answer yet. */
interface Handled {
  readonly headerLength: number;
  isCancelled: boolean;
}

/** What came with a request. */
export interface AskedFor {
  readonly name: string;
  readonly isHandled: boolean;
  readonly headerLength: number;
}

export interface RequestHooks {
  /** The other side would not take this request of ours. */
  refused(id: number, error: UnstickError): void;
  /** The remote did something that costs this side and led to nothing. */
  waste(): void;
}

/** Above this, more requests wait than anybody will answer soon. */
const MAX_WAITING = 16_384;

export class Requests {
  readonly #outbox: Outbox;
  readonly #maxHandled: number;
  readonly #hooks: RequestHooks;
  #lastId = 0;
  #lastRemoteId = 0;
  readonly #ours = new Map<number, Asked>();
  readonly #waiting = new Fifo<Asked>();
  /** How many of ours the other side takes at a time; nothing is sent before its hello. */
  #maxInFlight = 0;
  #inFlight = 0;
  #ourHeaders = new Budget(Infinity);
  /** Theirs that have no answer yet. */
  readonly #handled = new Map<number, Handled>();
  readonly #theirHeaders: Budget;
  /** Answers whose cancel may be under way: that costs a remote nothing. */
  #lateCancels = 0;
  /** How many answers the connection does not have yet: their requests count as being handled. */
  #unsentAnswers = 0;

  constructor(outbox: Outbox, local: PeerLimits, hooks: RequestHooks) {
    this.#outbox = outbox;
    this.#maxHandled = local.maxPendingRequests;
    this.#theirHeaders = new Budget(local.maxPendingHeaderLength);
    this.#hooks = hooks;
  }

  /** Nothing of ours is waiting, nothing of theirs is being handled. */
  get isIdle(): boolean {
    return this.#ours.size + this.#handled.size + this.#unsentAnswers === 0;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  set remote(limits: PeerLimits) {
    this.#maxInFlight = limits.maxPendingRequests;
    this.#ourHeaders = new Budget(limits.maxPendingHeaderLength);
    this.#admit();
  }

  /** Queues a request and gives its id. */
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
    this.#ours.set(id, asked);
    asked.waiting = this.#waiting.push(asked);
    this.#outbox.hold(encoded);
    this.#admit();
    return id;
  }

  /** Whether the connection had the request: then the other side may have acted on it. */
  wasSent(id: number): boolean {
    return this.#ours.get(id)?.sent ?? true;
  }

  /** The requester does not wait any longer. */
  giveUp(id: number): void {
    const request = this.#ours.get(id);
    if (request === undefined || request.givenUp) {
      return;
    }
    if (request.sent) {
      request.givenUp = true;
      this.#outbox.send({ kind: 'cancel', id });
      return;
    }
    // The requester was told that it was not sent, and may ask again: so it never will be.
    this.#ours.delete(id);
    if (request.waiting !== undefined && this.#waiting.remove(request.waiting)) {
      this.#noLongerWaits(request);
    }
    if (request.queued === undefined || !this.#outbox.withdraw(request.queued)) {
      return;
    }
    this.#leave(request);
  }

  /** Those that will never be sent, because the other side takes no more. */
  dropWaiting(): number[] {
    const ids: number[] = [];
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#noLongerWaits(next);
      this.#ours.delete(next.id);
      ids.push(next.id);
    }
    return ids;
  }

  /** An answer came. Whether somebody still waits for it. */
  answered(id: number, place: StreamPlace): boolean {
    const request = this.#ours.get(id);
    if (request?.sent !== true) {
      throw violation(`An answer to request ${id}, of which none waits for one`, place);
    }
    this.#ours.delete(id);
    this.#leave(request);
    return !request.givenUp;
  }

  /** A request came. Whether it is to be handled; otherwise it has been refused. */
  asked(id: number, { name, isHandled, headerLength }: AskedFor, place: StreamPlace): boolean {
    // Ids rise; one is left out where its requester gave up before it was sent.
    if (id <= this.#lastRemoteId) {
      throw violation(`Request ${id} after request ${this.#lastRemoteId}`, place);
    }
    this.#lastRemoteId = id;
    const isCrowded = this.#handled.size + this.#unsentAnswers >= this.#maxHandled;
    if (isCrowded || !this.#theirHeaders.fits(headerLength)) {
      const message = isCrowded
        ? `More than ${this.#maxHandled} requests at a time.`
        : 'The headers of the requests at a time are too long in sum.';
      this.#refuse(id, { code: 'BUSY', message });
    } else if (isHandled) {
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
   * A requester over there gave up. Whether its request is still being handled. It may give up each
   * request once, also one whose answer is on its way.
   */
  cancelled(id: number, place: StreamPlace): boolean {
    if (id > this.#lastRemoteId) {
      throw violation(`Request ${id} was cancelled before it came`, place);
    }
    const handled = this.#handled.get(id);
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

  /** Answers one of theirs; a second answer is dropped. UsageError ERR_FRAME_UNENCODABLE: none was given. */
  answer(id: number, answer: Answer): void {
    const handled = this.#handled.get(id);
    if (handled === undefined) {
      return;
    }
    const callbacks = { onTaken: (): void => void this.#unsentAnswers-- };
    if ('error' in answer) {
      this.#outbox.send({ kind: 'failure', id, error: answer.error }, undefined, callbacks);
    } else {
      this.#outbox.send({ kind: 'response', id, result: answer.result }, answer.body, callbacks);
    }
    this.#handled.delete(id);
    this.#theirHeaders.release(handled.headerLength);
    if (!handled.isCancelled) {
      this.#lateCancels = Math.min(this.#lateCancels + 1, this.#maxHandled);
    }
    this.#unsentAnswers++;
  }

  #admit(): void {
    while (this.#inFlight < this.#maxInFlight) {
      const next = this.#waiting.peek();
      if (next?.encoded === undefined || !this.#ourHeaders.fits(next.headerLength)) {
        return;
      }
      this.#waiting.shift();
      this.#noLongerWaits(next);
      // It was encoded when the other side's limits were not known yet.
      const error = this.#outbox.misfit(next.encoded);
      if (error === undefined) {
        this.#queue(next, next.encoded);
      } else {
        this.#ours.delete(next.id);
        this.#hooks.refused(next.id, error);
      }
    }
  }

  /** One of those in flight is over: there may be room for the next. */
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
