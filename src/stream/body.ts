// A message that is being received. Its header is there at once, and its body can be read once, as that of a
// fetch Response. One thing differs: `text` and `json` throw for bytes that are not UTF-8, where a Response
// would replace them without an error.

import { ProtocolError, UsageError } from '../errors.ts';
import type { ErrorCode, StreamPlace, UnstickError } from '../errors.ts';
import type { MessagePart } from '../message/message-parts.ts';
import { checkFunction } from '../options.ts';
import { strictUtf8 } from '../utf8.ts';
import type { ReceiveOptions } from './framed-options.ts';
import { MessageBody } from './message-body.ts';
import type { BodyVisitor } from './message-body.ts';
import type { NodeBytes } from './node-bytes.ts';
import { ReadCall, resolveReadOptions } from './read-call.ts';
import type { PartReader } from './read-call.ts';

/** Where the parts of the body come from, and their limit. */
export interface PartSource<H> extends PartReader {
  /** The next part of the current message; `undefined` when this side has closed. */
  next(): Promise<MessagePart<H> | undefined>;
  /**
   * Shows each part to `see` until `see` returns true. Resolves with false when this side has closed. The
   * bytes of a part are valid only while `see` runs.
   */
  show(see: (part: MessagePart<H>) => boolean): Promise<boolean>;
  /** Maximum number of bytes that `bytes`, `text` and `json` collect in memory. */
  readonly maxBodyLength: number;
  /** The error of a body that a close of this side cut off. */
  cutOff(): UnstickError;
}

/**
 * What reads the body. 'unread': nothing yet. 'streamed': the stream `body`. 'collecting': a call of `bytes`,
 * `text`, `json` or `visit`. 'given up': such a call failed, and another may continue. 'collected': such a
 * call has read the whole body.
 */
type Use = 'unread' | 'streamed' | 'collecting' | 'given up' | 'collected';

const NO_MORE: Promise<undefined> = Promise.resolve(undefined);

/**
 * A message that is being received: its header, and its body, which the caller reads as bytes, text, JSON or a
 * stream.
 */
export class IncomingMessage<H> {
  readonly header: H;
  /** Length of the body in bytes, as the header says. */
  readonly bodyLength: number;
  readonly #place: StreamPlace;
  readonly #source: PartSource<H>;
  #use: Use = 'unread';
  #readable: MessageBody | undefined;
  /** Pieces that `bytes`, `text` or `json` has collected so far. */
  #pieces: Uint8Array[] = [];
  /** Whether a visitor has seen bytes. After that only another visit can read on. */
  #isSeen = false;
  #pending: Promise<Uint8Array | undefined> | undefined;
  #isOver = false;
  #isDiscarded = false;

  constructor(
    head: { readonly header: H; readonly bodyLength: number },
    place: StreamPlace,
    source: PartSource<H>,
  ) {
    this.header = head.header;
    this.bodyLength = head.bodyLength;
    this.#place = place;
    this.#source = source;
  }

  /**
   * The body as a stream, for bodies larger than memory. `body.visit` shows the bytes without copying. A body
   * can be read once: a second reading fails with ERR_BODY_DISCARDED, and so does reading on after the next
   * message was asked for.
   */
  get body(): MessageBody {
    const isTaken = this.#use === 'collecting' || this.#use === 'collected';
    if (isTaken || this.#readable?.readableEnded === true) {
      return readAlready();
    }
    this.#readable ??= new MessageBody(
      () => this.#nextBytes(),
      (visit, options) => this.#visit(visit, options),
    );
    return this.#readable;
  }

  /**
   * The whole body. Rejects with ERR_BODY_TOO_LARGE when it is longer than maxBodyLength. `timeout` and
   * `signal` limit the whole call. After a call that was given up, the next call continues.
   */
  async bytes(options?: ReceiveOptions): Promise<NodeBytes> {
    return this.#collect('bytes', options);
  }

  /**
   * As `bytes`, decoded as UTF-8. Rejects also with ERR_MESSAGE_BODY_INVALID when the bytes are not UTF-8.
   */
  async text(options?: ReceiveOptions): Promise<string> {
    return this.#decoded('text', options);
  }

  /** As `text`, parsed as JSON. Rejects also with ERR_MESSAGE_BODY_INVALID when the text is not JSON. */
  async json(options?: ReceiveOptions): Promise<unknown> {
    const text = await this.#decoded('json', options);
    try {
      return JSON.parse(text);
    } catch {
      // Leave the cause out: V8 quotes the text in it.
      throw this.#error('ERR_MESSAGE_BODY_INVALID', 'The body is not JSON', { reason: 'json' });
    }
  }

  /**
   * Drops the unread rest of the body, so that the next message can be read. Only the message stream calls
   * this.
   */
  async discard(call: ReadCall): Promise<void> {
    if (this.#isOver) {
      return;
    }
    this.#isDiscarded = true;
    // A read of this body that still waits fails now. Bytes that this read was just given count as read.
    this.#source.giveUpRead(discarded());
    await this.#pending?.catch(() => undefined);
    while (!this.#isOver) {
      call.check();
      await this.#take().catch((error: unknown) => {
        // This side has closed, so there is nothing left to drop.
        if (error === this.#source.cutOff()) {
          this.#isOver = true;
        } else {
          throw error;
        }
      });
    }
  }

  async #collect(verb: string, options: ReceiveOptions | undefined): Promise<NodeBytes> {
    const limits = resolveReadOptions(verb, options);
    this.#checkLength();
    this.#checkUnread();
    if (this.#isSeen) {
      throw readBefore();
    }
    this.#use = 'collecting';
    const call = new ReadCall(this.#source);
    try {
      await call.run(() => this.#collectPieces(call), limits);
    } catch (error) {
      // The rest of the body is still unread, so the caller may try again, whatever the error was.
      this.#use = 'given up';
      throw error;
    }
    this.#use = 'collected';
    return Buffer.concat(this.#pieces.splice(0));
  }

  async #collectPieces(call: ReadCall): Promise<void> {
    while (!this.#isOver) {
      call.check();
      if (this.#isDiscarded) {
        throw discarded();
      }
      const piece = await this.#take();
      if (piece !== undefined) {
        this.#pieces.push(piece);
      }
    }
    if (this.#isDiscarded) {
      throw discarded();
    }
  }

  async #visit(visit: BodyVisitor, options: ReceiveOptions | undefined): Promise<void> {
    const limits = resolveReadOptions('visit', options);
    checkFunction('visit', visit);
    this.#checkUnread();
    this.#use = 'collecting';
    const call = new ReadCall(this.#source);
    try {
      await call.run(() => this.#showPieces(call, visit), limits);
    } catch (error) {
      // As with `bytes`, the caller may try again. Another visit goes on with the rest.
      this.#use = 'given up';
      throw error;
    }
    this.#use = 'collected';
  }

  async #showPieces(call: ReadCall, visit: BodyVisitor): Promise<void> {
    // A call of `bytes` that was given up may have left collected pieces.
    for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
      this.#isSeen = true;
      visit(piece);
    }
    call.check();
    if (!this.#isOver && !this.#isDiscarded) {
      await this.#showRest(visit);
    }
    if (this.#isDiscarded) {
      throw discarded();
    }
  }

  async #showRest(visit: BodyVisitor): Promise<void> {
    const shown = this.#source.show((part) => {
      if (part.kind !== 'body') {
        this.#isOver = true;
        return true;
      }
      this.#isSeen = true;
      visit(part.bytes);
      return this.#isDiscarded;
    });
    this.#pending = shown.then(() => undefined);
    this.#pending.catch(() => undefined);
    if (!(await shown)) {
      throw this.#source.cutOff();
    }
  }

  async #decoded(verb: string, options: ReceiveOptions | undefined): Promise<string> {
    const utf8 = strictUtf8();
    const bytes = await this.#collect(verb, options);
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      const reason = { reason: 'utf8', cause };
      throw this.#error('ERR_MESSAGE_BODY_INVALID', 'The body is not UTF-8', reason);
    }
  }

  #checkLength(): void {
    const limit = this.#source.maxBodyLength;
    if (this.bodyLength <= limit) {
      return;
    }
    const facts = `Body length ${this.bodyLength} exceeds maxBodyLength ${limit}`;
    throw this.#error('ERR_BODY_TOO_LARGE', facts, {
      length: this.bodyLength,
      limit,
      hint: 'Read the body as a stream, from message.body.',
    });
  }

  /** Throws for a body that is being read, was read or discarded, or whose stream gives text. */
  #checkUnread(): void {
    if (this.#isDiscarded) {
      throw discarded();
    }
    const readable = this.#readable;
    const isStreamed =
      readable !== undefined && (readable.readableFlowing !== null || readable.destroyed);
    const isFree = this.#use === 'unread' || this.#use === 'given up';
    if (isStreamed || !isFree) {
      throw readBefore();
    }
    if (readable !== undefined && readable.readableEncoding !== null) {
      throw new UsageError(
        'ERR_OPTION',
        'message.body gives text, because setEncoding was called.',
        { hint: 'Read message.body as a stream, or leave setEncoding out and call text().' },
      );
    }
  }

  // Passes promises on and awaits none, because an async function here would cost as much as the framing.
  #nextBytes(): Promise<Uint8Array | undefined> {
    if (this.#use === 'unread') {
      this.#use = 'streamed';
    }
    if (this.#use !== 'streamed') {
      return Promise.reject(readBefore());
    }
    if (this.#isDiscarded) {
      return Promise.reject(discarded());
    }
    return this.#isOver ? NO_MORE : this.#take();
  }

  #take(): Promise<Uint8Array | undefined> {
    this.#pending = this.#source.next().then(this.#bytesOf);
    return this.#pending;
  }

  readonly #bytesOf = (part: MessagePart<unknown> | undefined): Uint8Array | undefined => {
    if (part === undefined) {
      throw this.#source.cutOff();
    }
    if (part.kind === 'body') {
      return part.bytes;
    }
    this.#isOver = true;
    return undefined;
  };

  #error(
    code: ErrorCode,
    facts: string,
    init: { length?: number; limit?: number; reason?: string; hint?: string; cause?: unknown },
  ): ProtocolError {
    return new ProtocolError(code, facts, { ...init, ...this.#place });
  }
}

export function outOfOrder(): UsageError {
  return new UsageError(
    'ERR_BODY_DISCARDED',
    'A part of a body came where a message was to begin.',
  );
}

function discarded(): UsageError {
  return bodyGone('was discarded when the next message was asked for');
}

function readBefore(): UsageError {
  return bodyGone('was read already');
}

function bodyGone(how: string): UsageError {
  return new UsageError('ERR_BODY_DISCARDED', `The body ${how}.`, {
    hint: 'Keep what you read of a body before you ask for the next message.',
  });
}

/** Stands for a body that was read before. It fails, because an empty stream would look like an empty body. */
function readAlready(): MessageBody {
  return new MessageBody(
    () => Promise.reject(readBefore()),
    () => Promise.reject(readBefore()),
  );
}
