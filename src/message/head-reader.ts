// Reads the heads of messages; what to do with the bodies is left to the two decoders that extend it.
// The head is a frame to the frame machine, and the body lies behind it in the same queue.

import type { Decoder, DecoderOptions } from '../codec/codec.ts';
import { unpinned } from '../codec/byte-queue.ts';
import { afterEnd, busy, notBytes } from '../codec/frame-errors.ts';
import { FrameMachine } from '../codec/frame-machine.ts';
import { ProtocolError } from '../errors.ts';
import type { ErrorCode, ErrorFacts, StreamPlace } from '../errors.ts';
import { applyParseHeader, parseJsonHeader } from './json-header.ts';
import type { JsonObject } from './json-header.ts';
import type { MessageLayout } from './message-layout.ts';

export interface MessageHead<H> {
  readonly header: H;
  readonly bodyLength: number;
}

export abstract class HeadReader<H, T> implements Decoder<T> {
  protected readonly layout: MessageLayout<H>;
  protected readonly machine: FrameMachine;
  readonly #onSkip: DecoderOptions['onSkip'];
  /** Body bytes of the current message that were not delivered yet. */
  protected bodyLeft = 0;
  /** A head was read and its message is not over. */
  protected inMessage = false;
  /** Head bytes that must be given back if the message is never delivered. */
  protected headBytes: Uint8Array | undefined;
  #place: StreamPlace = { byteOffset: 0, frameIndex: 0 };
  #failure: ProtocolError | undefined;
  /** The rest of the current body is dropped, not delivered. */
  #skipping = false;
  #inOnSkip = false;
  #over = false;

  constructor(layout: MessageLayout<H>, options: DecoderOptions) {
    this.layout = layout;
    this.#onSkip = options.onSkip;
    this.machine = new FrameMachine(layout.head, undefined);
  }

  abstract take(): T | undefined;

  push(chunk: Uint8Array): void {
    if (!(chunk instanceof Uint8Array)) throw notBytes(chunk);
    if (chunk.length > 0 && this.machine.ended) throw afterEnd();
    this.machine.queue.push(chunk);
  }

  end(): void {
    this.machine.ended = true;
  }

  get done(): boolean {
    if (this.#over) return this.#failure === undefined;
    return this.machine.ended && this.atBoundary;
  }

  get bufferedLength(): number {
    return this.machine.queue.length + (this.headBytes?.length ?? 0);
  }

  get atBoundary(): boolean {
    const within = this.inMessage || this.#skipping;
    return !within && this.#failure === undefined && this.machine.atBoundary;
  }

  takeRest(): Uint8Array[] {
    if (this.#inOnSkip) throw busy();
    this.#over = true;
    this.inMessage = false;
    const head = this.headBytes;
    this.headBytes = undefined;
    const rest = this.machine.takeRest();
    return head === undefined ? rest : [head, ...rest];
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let value = this.take(); value !== undefined; value = this.take()) yield value;
  }

  /** The next head of a message whose body is not too long, when the message before it is over. */
  protected takeHead(): MessageHead<H> | undefined {
    const { machine } = this;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#inOnSkip) throw busy();
    if (this.#over) return undefined;
    for (;;) {
      if (this.#skipping && !this.#dropSkipped()) return this.waitForBody();
      this.#place = { byteOffset: machine.queue.offset, frameIndex: machine.frameIndex };
      if (!this.#nextHead()) return undefined;
      this.headBytes = machine.queue.view(machine.frameStart, machine.frameEnd);
      const head = this.#parse(machine.queue.view(machine.payloadStart, machine.payloadEnd));
      if (head.bodyLength > this.layout.maxBodyLength) {
        this.#skip(head.bodyLength);
        continue;
      }
      this.bodyLeft = head.bodyLength;
      this.inMessage = true;
      return head;
    }
  }

  /** To be called before waiting for body bytes: at the end of input none will come. */
  protected waitForBody(): undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const { queue, ended } = this.machine;
    queue.settle();
    if (this.headBytes !== undefined) this.headBytes = unpinned(this.headBytes);
    if (!ended || this.#over) return undefined;
    const missing = this.bodyLeft - queue.length;
    const received = queue.offset + queue.length - this.#place.byteOffset;
    return this.fail(
      'ERR_FRAME_TRUNCATED',
      `The input ended inside the body of a message, ${missing} bytes before its end`,
      {
        received,
        length: received + missing,
      },
    );
  }

  protected error(
    code: ErrorCode,
    facts: string,
    init: ErrorFacts & { readonly cause?: unknown } = {},
  ): ProtocolError {
    return new ProtocolError(code, facts, { ...init, ...this.#place });
  }

  protected fail(
    code: ErrorCode,
    facts: string,
    init?: ErrorFacts & { readonly cause?: unknown },
  ): never {
    this.#failure = this.error(code, facts, init);
    this.inMessage = false;
    throw this.#failure;
  }

  /** Reports a message that is too large, and drops its body; without a listener that is fatal. */
  #skip(length: number): void {
    const limit = this.layout.maxBodyLength;
    const facts = `Body length ${length} exceeds maxBodyLength ${limit}`;
    if (this.#onSkip === undefined) this.fail('ERR_BODY_TOO_LARGE', facts, { length, limit });
    this.bodyLeft = length;
    this.headBytes = undefined;
    this.#skipping = true;
    this.#inOnSkip = true;
    try {
      this.#onSkip(this.error('ERR_BODY_TOO_LARGE', facts, { length, limit }));
    } finally {
      this.#inOnSkip = false;
    }
  }

  /** False when more is to be dropped than has come. */
  #dropSkipped(): boolean {
    const { queue } = this.machine;
    const dropped = Math.min(queue.length, this.bodyLeft);
    queue.skip(dropped);
    this.bodyLeft -= dropped;
    this.#skipping = this.bodyLeft > 0;
    return !this.#skipping;
  }

  #nextHead(): boolean {
    try {
      return this.machine.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#failure = error;
      if (error.code !== 'ERR_FRAME_TOO_LARGE') throw error;
      const { length = 0, limit = 0, hint } = error;
      const facts = `Header length ${length} exceeds maxHeaderLength ${limit}`;
      this.#failure = new ProtocolError('ERR_MESSAGE_HEADER_TOO_LARGE', facts, {
        ...this.#place,
        length,
        limit,
        hint,
      });
      throw this.#failure;
    }
  }

  #parse(bytes: Uint8Array): MessageHead<H> {
    const { parseHeader } = this.layout;
    const parsed = parseJsonHeader(bytes);
    if ('reason' in parsed) {
      const { reason, cause } = parsed;
      return this.fail('ERR_MESSAGE_HEADER_INVALID', `The header ${parsed.detail}`, {
        reason,
        cause,
        length: bytes.length,
      });
    }
    const bodyLength = this.#bodyLength(parsed.header);
    // Without parseHeader H is JsonObject: messages() and messageParts() say so in their types.
    if (parseHeader === undefined) return { header: parsed.header as H, bodyLength };
    const typed = applyParseHeader(parseHeader, parsed.header);
    if ('value' in typed) return { header: typed.value, bodyLength };
    return this.fail('ERR_MESSAGE_HEADER_INVALID', `The header ${typed.detail}`, {
      reason: 'schema',
      cause: typed.cause,
      length: bytes.length,
    });
  }

  /** A message whose header has no body length has no body. */
  #bodyLength(header: JsonObject): number {
    const { bodyLengthKey } = this.layout;
    const length = Object.hasOwn(header, bodyLengthKey) ? header[bodyLengthKey] : 0;
    if (typeof length === 'number' && Number.isSafeInteger(length) && length >= 0)
      return Math.abs(length); // -0 is a number of bytes too.
    const shown = typeof length === 'number' ? String(length) : `a ${typeof length}`;
    return this.fail(
      'ERR_MESSAGE_BODY_LENGTH',
      `header.${bodyLengthKey} is ${shown}, not a whole number from 0 to 2^53-1`,
      typeof length === 'number' ? { length } : {},
    );
  }
}
