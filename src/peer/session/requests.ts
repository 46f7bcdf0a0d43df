// Requests of both sides: which wait to be sent, which wait for their answer, which are being handled.
// Pure. Ids only rise, so an answer that comes after its requester gave up can be told from one that
// nobody asked for.

import { UsageError } from '../../errors.ts';
import type { StreamPlace } from '../../errors.ts';
import { Fifo } from './fifo.ts';
import type { Entry } from './fifo.ts';
import { sizeOf } from './outbox.ts';
import type { Encoded, Outbox, Outgoing } from './outbox.ts';
import { violation } from './wire.ts';
import type { Failure, Json } from './wire.ts';

/** How a request ended over there. */
export type Answer =
  { readonly result: Json; readonly body: Uint8Array } | { readonly error: Failure };

/** One of ours. What is sent keeps its bytes no longer, however long the answer takes. */
interface Asked {
  readonly id: number;
  encoded: Encoded | undefined;
  /** In the line of those that the other side has no room for yet; then in the outbox; then sent. */
  waiting: Entry<Asked> | undefined;
  queued: Entry<Outgoing> | undefined;
  sent: boolean;
  /** Nobody waits for the answer. It stays until that comes: its place over there is taken. */
  givenUp: boolean;
}

/** Above this, more requests wait than anybody will answer soon. */
const MAX_WAITING = 16_384;

export class Requests {
  readonly #outbox: Outbox;
  readonly #maxHandled: number;
  #lastId = 0;
  #lastRemoteId = 0;
  readonly #ours = new Map<number, Asked>();
  readonly #waiting = new Fifo<Asked>();
  #waitingLength = 0;
  readonly #onRefused: (id: number, error: UsageError) => void;
  /** How many of ours the other side takes at a time; nothing is sent before its hello. */
  #maxInFlight = 0;
  #inFlight = 0;
  /** Theirs that have no answer yet. */
  readonly #handled = new Set<number>();
  /** How many answers the connection does not have yet: their requests count as being handled. */
  #unsentAnswers = 0;

  /** `onRefused` hears of those of ours that the other side would not take. */
  constructor(
    outbox: Outbox,
    maxHandled: number,
    onRefused: (id: number, error: UsageError) => void,
  ) {
    this.#outbox = outbox;
    this.#maxHandled = maxHandled;
    this.#onRefused = onRefused;
  }

  /** Nothing of ours is waiting, nothing of theirs is being handled. */
  get isIdle(): boolean {
    return this.#ours.size + this.#handled.size + this.#unsentAnswers === 0;
  }

  /** Bytes of those of ours that the other side has no room for yet. */
  get waitingLength(): number {
    return this.#waitingLength;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  set maxInFlight(limit: number) {
    this.#maxInFlight = limit;
    this.#admit();
  }

  /** Queues a request and gives its id. */
  ask(name: string, params: Json | undefined, body: Uint8Array): number {
    if (this.#waiting.length >= MAX_WAITING) {
      throw new UsageError('ERR_QUEUE_FULL', `${MAX_WAITING} requests wait to be sent.`, {
        limit: MAX_WAITING,
        hint: 'Await some of them before making more.',
      });
    }
    const id = this.#lastId + 1;
    const header = {
      kind: 'request',
      id,
      name,
      ...(params === undefined ? {} : { params }),
    } as const;
    const encoded = this.#outbox.encode(header, body.length === 0 ? [] : [body]);
    this.#lastId = id;
    const asked: Asked = {
      id,
      encoded,
      waiting: undefined,
      queued: undefined,
      sent: false,
      givenUp: false,
    };
    this.#ours.set(id, asked);
    asked.waiting = this.#waiting.push(asked);
    this.#waitingLength += sizeOf(encoded);
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
    if (request === undefined || request.givenUp) return;
    if (request.sent) {
      request.givenUp = true;
      this.#outbox.send({ kind: 'cancel', id });
      return;
    }
    // The requester was told that it was not sent, and may ask again: so it never will be.
    this.#ours.delete(id);
    if (request.waiting !== undefined && this.#waiting.remove(request.waiting))
      this.#noLongerWaits(request);
    if (request.queued === undefined || !this.#outbox.withdraw(request.queued)) return;
    this.#inFlight--;
    this.#admit();
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
    if (request?.sent !== true)
      throw violation(`An answer to request ${id}, of which none waits for one`, place);
    this.#ours.delete(id);
    this.#inFlight--;
    this.#admit();
    return !request.givenUp;
  }

  /** A request came. Whether it is to be handled; otherwise it has been refused. */
  asked(id: number, place: StreamPlace): boolean {
    // Ids rise; one is left out where its requester gave up before it was sent.
    if (id <= this.#lastRemoteId)
      throw violation(`Request ${id} after request ${this.#lastRemoteId}`, place);
    this.#lastRemoteId = id;
    if (this.#handled.size + this.#unsentAnswers >= this.#maxHandled) {
      const message = `More than ${this.#maxHandled} requests at a time.`;
      this.#outbox.answer({ kind: 'failure', id, error: { code: 'BUSY', message } });
      return false;
    }
    this.#handled.add(id);
    return true;
  }

  /** A requester over there gave up. Whether its request is still being handled. */
  cancelled(id: number, place: StreamPlace): boolean {
    if (id > this.#lastRemoteId)
      throw violation(`Request ${id} was cancelled before it came`, place);
    return this.#handled.has(id);
  }

  /** Answers one of theirs; a second answer is dropped. UsageError ERR_FRAME_UNENCODABLE: none was given. */
  answer(id: number, answer: Answer): void {
    if (!this.#handled.has(id)) return;
    const callbacks = { onTaken: (): void => void this.#unsentAnswers-- };
    if ('error' in answer)
      this.#outbox.send({ kind: 'failure', id, error: answer.error }, undefined, callbacks);
    else this.#outbox.send({ kind: 'response', id, result: answer.result }, answer.body, callbacks);
    this.#handled.delete(id);
    this.#unsentAnswers++;
  }

  #admit(): void {
    while (this.#inFlight < this.#maxInFlight) {
      const next = this.#waiting.shift();
      if (next?.encoded === undefined) return;
      this.#noLongerWaits(next);
      // It was encoded when the other side's limits were not known yet.
      const error = this.#outbox.misfit(next.encoded);
      if (error === undefined) this.#queue(next, next.encoded);
      else {
        this.#ours.delete(next.id);
        this.#onRefused(next.id, error);
      }
    }
  }

  #noLongerWaits({ encoded }: Asked): void {
    if (encoded !== undefined) this.#waitingLength -= sizeOf(encoded);
  }

  #queue(asked: Asked, encoded: Encoded): void {
    this.#inFlight++;
    const onTaken = (): void => {
      asked.sent = true;
      asked.encoded = undefined;
      asked.queued = undefined;
    };
    asked.queued = this.#outbox.push(encoded, { onTaken });
  }
}
