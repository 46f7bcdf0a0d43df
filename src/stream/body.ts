// A message that is being received. Its header can be read at once. Its body can be read only once, like the
// body of a fetch Response. One thing differs: `text` and `json` throw for bytes that are not UTF-8, and a
// Response would replace those bytes without an error.

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

/** Gives the parts of a message to the object that reads its body, and the limit of the body. */
export interface PartSource<H> extends PartReader {
  /** Reads the next part of the current message. Resolves with `undefined` when this side has closed. */
  next(): Promise<MessagePart<H> | undefined>;
  /**
   * Shows each part to `see` until `see` returns true. Resolves with false when this side has closed. The
   * bytes of a part are valid only while `see` runs.
   */
  show(see: (part: MessagePart<H>) => boolean): Promise<boolean>;
  /** Maximum number of bytes that `bytes`, `text` and `json` collect in memory. */
  readonly maxBodyLength: number;
  /** Makes the error for a body that was cut off because this side closed. */
  cutOff(): UnstickError;
}

/**
 * How the caller reads the body. 'unread': not at all so far. 'streamed': as the stream `body`. 'collecting':
 * a call of `bytes`, `text`, `json` or `visit` is running. 'given up': such a call failed, and another call
 * may continue. 'collected': such a call has read the whole body.
 */
type Use = 'unread' | 'streamed' | 'collecting' | 'given up' | 'collected';

const NO_MORE: Promise<undefined> = Promise.resolve(undefined);

/**
 * A message that is being received: its header, and its body, which the caller reads as bytes, text, JSON or
 * a stream.
 */
export class IncomingMessage<H> {
  readonly header: H;
  /** Length of the body in bytes, as the header declares it. */
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
   * The body as a Readable, for bodies larger than memory; `body.visit` shows the bytes without copying. A
   * body can be read once. A second reading fails with ERR_BODY_DISCARDED. Reading on after the caller has
   * asked for the next message fails in the same way.
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
   * Reads the whole body into memory. Rejects with ERR_BODY_TOO_LARGE when the body is longer than
   * maxBodyLength. `timeout` and `signal` limit the whole call. If a call is given up, the next call
   * continues where it stopped.
   */
  async bytes(options?: ReceiveOptions): Promise<NodeBytes> {
    return this.#collect('bytes', options);
  }

  /**
   * Reads the whole body as `bytes` does, and decodes it as UTF-8. Rejects also with ERR_MESSAGE_BODY_INVALID
   * when the bytes are not UTF-8.
   */
  async text(options?: ReceiveOptions): Promise<string> {
    return this.#decoded('text', options);
  }

  /**
   * Reads the whole body as `text` does, and parses it as JSON. Rejects also with ERR_MESSAGE_BODY_INVALID
   * when the text is not JSON.
   */
  async json(options?: ReceiveOptions): Promise<unknown> {
    const text = await this.#decoded('json', options);
    try {
      return JSON.parse(text);
    } catch {
      // Leave the cause out: the message of V8's error quotes the text, and errors must not show payload
      // bytes.
      throw this.#error('ERR_MESSAGE_BODY_INVALID', 'The body is not JSON', { reason: 'json' });
    }
  }

  /**
   * Drops the rest of the body that the caller has not read, so that the next message can be read. Only the
   * message stream calls this.
   */
  async discard(call: ReadCall): Promise<void> {
    if (this.#isOver) {
      return;
    }
    this.#isDiscarded = true;
    // If a read of this body is pending, it fails now. If it has just been given bytes, those bytes count as
    // read.
    this.#source.giveUpRead(discarded());
    await this.#pending?.catch(() => undefined);
    while (!this.#isOver) {
      call.check();
      await this.#take().catch((error: unknown) => {
        // This is the error of a close of this side. So there is nothing left to drop.
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
      // The rest of the body is still unread. So the caller may try again, whatever the error was.
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
      // As with `bytes`, the caller may try again: another visit goes on with the rest of the body.
      this.#use = 'given up';
      throw error;
    }
    this.#use = 'collected';
  }

  async #showPieces(call: ReadCall, visit: BodyVisitor): Promise<void> {
    // If a call of `bytes` was given up, it may have left pieces that it had collected. Show those first.
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

  /**
   * Throws if the body is being read, was read or was discarded, or if `setEncoding` makes its stream give
   * text.
   */
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

  // This function passes promises on and awaits none: an async function here would cost as much as the
  // framing.
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

/**
 * Makes a stream for a body that was read before. The stream fails, because an empty stream would look like
 * an empty body.
 */
function readAlready(): MessageBody {
  return new MessageBody(
    () => Promise.reject(readBefore()),
    () => Promise.reject(readBefore()),
  );
}
