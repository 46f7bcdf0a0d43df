// A message as it is being received: its header at once, its body as a stream, once.
// Reading is like reading a fetch Response, with strict text: nothing is replaced in silence.

import { Readable } from 'node:stream';
import { asError, ProtocolError, UsageError } from '../errors.ts';
import type { ErrorCode, StreamPlace } from '../errors.ts';
import type { MessagePart } from '../message/message-parts.ts';

interface Timing {
  /** The longest time in ms to wait for more bytes. */
  readonly timeout?: number;
}

/** Where the body comes from, and what holds for it. */
export interface PartSource<H> {
  /** The next part of the current message. */
  readonly next: (timing?: Timing) => Promise<MessagePart<H> | undefined>;
  readonly place: StreamPlace;
  /** The most that `bytes`, `text` and `json` collect in memory. */
  readonly maxBodyLength: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** One read of a socket. */
const HIGH_WATER_MARK = 64 * 1024;

export class IncomingMessage<H> {
  readonly header: H;
  /** Length of the body in bytes, as the header says. */
  readonly bodyLength: number;
  readonly #source: PartSource<H>;
  #readable: Readable | undefined;
  #pending: Promise<Uint8Array | undefined> | undefined;
  #isOver = false;
  #isDiscarded = false;
  /** `bytes` has it, or is about to. */
  #isCollected = false;

  constructor(head: { readonly header: H; readonly bodyLength: number }, source: PartSource<H>) {
    this.header = head.header;
    this.bodyLength = head.bodyLength;
    this.#source = source;
  }

  /**
   * The body as a stream. It can be larger than memory. It can be read once: a second reading, and
   * reading on after the next message was asked for, fail with ERR_BODY_DISCARDED.
   */
  get body(): Readable {
    if (this.#isCollected || this.#readable?.readableEnded === true) return readAlready();
    this.#readable ??= this.#makeReadable();
    return this.#readable;
  }

  /** The whole body. Rejects with ERR_BODY_TOO_LARGE when it is longer than maxBodyLength. */
  async bytes(): Promise<Buffer> {
    const limit = this.#source.maxBodyLength;
    if (this.bodyLength > limit) {
      throw this.#error(
        'ERR_BODY_TOO_LARGE',
        `Body length ${this.bodyLength} exceeds maxBodyLength ${limit}`,
        {
          length: this.bodyLength,
          limit,
          hint: 'Read it as a stream: message.body.',
        },
      );
    }
    const { body } = this;
    if (body.readableDidRead || body.destroyed) throw discarded('was read already');
    this.#isCollected = true;
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The whole body as UTF-8. Rejects with ERR_MESSAGE_BODY_INVALID when it is not. */
  async text(): Promise<string> {
    const bytes = await this.bytes();
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw this.#error('ERR_MESSAGE_BODY_INVALID', 'The body is not UTF-8', {
        reason: 'utf8',
        cause,
      });
    }
  }

  /** The whole body as JSON. Rejects with ERR_MESSAGE_BODY_INVALID when it is not. */
  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch {
      // The cause is left out: V8 quotes the text in it.
      throw this.#error('ERR_MESSAGE_BODY_INVALID', 'The body is not JSON', { reason: 'json' });
    }
  }

  /** Drops what was not read, so that the next message can be. For the stream that made this. */
  async discard(timing: Timing): Promise<void> {
    if (this.#isOver) return;
    this.#isDiscarded = true;
    await this.#pending;
    while (!this.#isOver) await this.#take(timing);
  }

  #makeReadable(): Readable {
    const readable = new Readable({
      highWaterMark: HIGH_WATER_MARK,
      read: () => {
        this.#nextBytes().then(
          (bytes) => readable.push(bytes ?? null),
          (error: unknown) => readable.destroy(asError(error)),
        );
      },
    });
    return readable;
  }

  #nextBytes(): Promise<Uint8Array | undefined> {
    if (this.#isDiscarded)
      return Promise.reject(discarded('was discarded when the next message was asked for'));
    if (this.#isOver) return Promise.resolve(undefined);
    this.#pending = this.#take();
    return this.#pending;
  }

  #take(timing?: Timing): Promise<Uint8Array | undefined> {
    return this.#source.next(timing).then(this.#bytesOf);
  }

  readonly #bytesOf = (part: MessagePart<unknown> | undefined): Uint8Array | undefined => {
    if (part === undefined) throw outOfOrder();
    if (part.kind === 'body') return part.bytes;
    this.#isOver = true;
    return undefined;
  };

  #error(
    code: ErrorCode,
    facts: string,
    init: { length?: number; limit?: number; reason?: string; hint?: string; cause?: unknown },
  ): ProtocolError {
    return new ProtocolError(code, facts, { ...init, ...this.#source.place });
  }
}

export function outOfOrder(): UsageError {
  return new UsageError('ERR_BODY_DISCARDED', 'The message is over.');
}

function discarded(how: string): UsageError {
  return new UsageError('ERR_BODY_DISCARDED', `The body ${how}.`, {
    hint: 'Keep what you read of it, before you go on to the next message.',
  });
}

/** What stands for a body that has been read: silence would look like an empty one. */
function readAlready(): Readable {
  return new Readable({
    read() {
      this.destroy(discarded('was read already'));
    },
  });
}
