// HeadReader reads the heads of messages, and the decoders that extend it read the bodies. The frame machine
// reads a head as one frame. The body follows that frame in the same queue.

import type { DecoderOptions } from '../codec/codec.ts';
import { unpinned } from '../codec/pinning.ts';
import { resolveDecoderOptions } from '../codec/decoder-options.ts';
import { MachineDecoder } from '../codec/frame-decoder.ts';
import { busy, skipUnfinished } from '../codec/frame-errors.ts';
import { Phase } from '../codec/frame-machine.ts';
import { isUnstickError, ProtocolError } from '../errors.ts';
import type { ErrorCode, ErrorInit, StreamPlace } from '../errors.ts';
import { applyParseHeader, parseJsonHeader } from './json-header.ts';
import type { JsonObject, ParseHeader } from './json-header.ts';
import type { MessageLayout } from './message-layout.ts';
import { quantity } from '../text.ts';

export interface MessageHead<H> {
  readonly header: H;
  readonly bodyLength: number;
}

export abstract class HeadReader<H, T> extends MachineDecoder<T> {
  protected readonly layout: MessageLayout<H>;
  readonly #onSkip: DecoderOptions['onSkip'];
  /** Number of bytes of the current body that were not yet delivered or dropped. */
  protected bodyLeft = 0;
  /** Whether the head of a message was read and the end of that message has not been reached. */
  protected inMessage = false;
  /**
   * Bytes of the current head, until the head is delivered. `takeRest` returns them in front of the other
   * bytes.
   */
  protected headBytes: Uint8Array | undefined;
  /** Offset at which the current message begins, and its number. */
  protected place: StreamPlace = { byteOffset: 0, frameIndex: 0 };
  /** Length of the header of the current message in bytes. */
  protected headerLength = 0;
  /** Whether the current body is too long, so that its bytes are dropped as they come. */
  #skipping = false;

  constructor(layout: MessageLayout<H>, options?: DecoderOptions) {
    // This class skips whole messages. The machine would skip only the head, so the machine gets no onSkip.
    super(layout.head);
    this.layout = layout;
    this.#onSkip = resolveDecoderOptions(options).onSkip;
  }

  override get done(): boolean {
    const { machine } = this;
    return machine.phase === Phase.over || (machine.ended && this.atBoundary);
  }

  override get bufferedLength(): number {
    return this.machine.queue.length + (this.headBytes?.length ?? 0);
  }

  override get atBoundary(): boolean {
    return !this.inMessage && !this.#skipping && this.machine.atBoundary;
  }

  override takeRest(): Uint8Array[] {
    const { machine } = this;
    if (machine.phase === Phase.busy) {
      throw busy();
    }
    if (this.#skipping && machine.phase < Phase.failed && !this.#dropSkipped()) {
      throw skipUnfinished();
    }
    const head = this.headBytes;
    const rest = machine.takeRest();
    this.inMessage = false;
    this.headBytes = undefined;
    return head === undefined ? rest : [head, ...rest];
  }

  /**
   * Returns the next head whose body is not too long, or `undefined` when it needs more bytes. Call this only
   * when the message before is over. Skips messages whose body is too long, if the caller gave `onSkip`.
   */
  protected takeHead(): MessageHead<H> | undefined {
    const { machine } = this;
    // When the machine is busy or has failed, its `next` throws the error. When the machine is over, no head
    // comes.
    if (machine.phase >= Phase.failed) {
      return void machine.next();
    }
    for (;;) {
      if (this.#skipping && !this.#dropSkipped()) {
        return this.waitForBody();
      }
      this.place = { byteOffset: machine.queue.offset, frameIndex: machine.frameIndex };
      const isWhole = this.#nextHead();
      this.checkHead(isWhole ? machine.frameEnd - machine.frameStart : machine.begunLength);
      if (!isWhole) {
        return undefined;
      }
      this.headerLength = machine.payloadEnd - machine.payloadStart;
      this.headBytes = machine.view(machine.frameStart, machine.frameEnd);
      const head = this.#parse(machine.view(machine.payloadStart, machine.payloadEnd));
      if (head.bodyLength > this.layout.maxBodyLength) {
        this.#skip(head.bodyLength);
        continue;
      }
      this.bodyLeft = head.bodyLength;
      this.inMessage = true;
      return head;
    }
  }

  /**
   * Called before a head is parsed, as soon as its length is known, with that length, prefix included. Before
   * that it is called with 0. A subclass with a smaller limit overrides this method, and throws for a longer
   * head.
   */
  protected checkHead(_length: number): void {
    // Without an override, every length that the layout allows is right.
  }

  /**
   * Returns `undefined`, so that the caller waits for body bytes. After the end of the input no more bytes
   * come, so this method then throws ERR_FRAME_TRUNCATED.
   */
  protected waitForBody(): undefined {
    const { queue, ended, phase } = this.machine;
    if (phase >= Phase.failed) {
      return void this.machine.next();
    }
    queue.settle(this.bodyLeft);
    if (this.headBytes !== undefined) {
      this.headBytes = unpinned(this.headBytes);
    }
    if (!ended) {
      return undefined;
    }
    const missing = this.bodyLeft - queue.length;
    const received = queue.offset + queue.length - this.place.byteOffset;
    return this.fail(
      'ERR_FRAME_TRUNCATED',
      `The input ended inside the body of a message, ${quantity(missing, 'byte')} before its end`,
      {
        received,
        length: received + missing,
      },
    );
  }

  protected error(code: ErrorCode, facts: string, init: ErrorInit = {}): ProtocolError {
    return new ProtocolError(code, facts, { ...init, ...this.place });
  }

  protected fail(code: ErrorCode, facts: string, init?: ErrorInit): never {
    this.inMessage = false;
    return this.machine.fail(this.error(code, facts, init));
  }

  /**
   * Reports a message whose body is too long, and drops the body. Without `onSkip`, throws the error, which
   * ends the decoder.
   */
  #skip(length: number): void {
    const limit = this.layout.maxBodyLength;
    const facts = `Body length ${length} exceeds maxBodyLength ${limit}`;
    const onSkip = this.#onSkip;
    if (onSkip === undefined) {
      this.fail('ERR_BODY_TOO_LARGE', facts, { length, limit });
    }
    this.bodyLeft = length;
    this.machine.queue.skippedLength += this.headBytes?.length ?? 0;
    this.headBytes = undefined;
    this.#skipping = true;
    const error = this.error('ERR_BODY_TOO_LARGE', facts, { length, limit });
    this.machine.call(() => onSkip(error));
  }

  /**
   * Drops the bytes of a skipped body that have come. Returns false if the rest of the body has not come yet.
   */
  #dropSkipped(): boolean {
    const { queue } = this.machine;
    const dropped = Math.min(queue.length, this.bodyLeft);
    queue.skip(dropped);
    this.bodyLeft -= dropped;
    this.#skipping = this.bodyLeft > 0;
    return !this.#skipping;
  }

  /**
   * Finds the next head. The machine calls a head a frame in its errors, so an error about the length of a
   * head is reworded here.
   */
  #nextHead(): boolean {
    try {
      return this.machine.next();
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'ERR_FRAME_TOO_LARGE') {
        throw error;
      }
      const { length = 0, limit = 0, hint } = error;
      const facts = `Header length ${length} exceeds maxHeaderLength ${limit}`;
      const init = { ...this.place, length, limit, hint };
      return this.machine.fail(new ProtocolError('ERR_MESSAGE_HEADER_TOO_LARGE', facts, init));
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
    // Marked cast: without parseHeader, H is JsonObject. The types of messages() and messageParts() say so.
    if (parseHeader === undefined) {
      return { header: parsed.header as H, bodyLength };
    }
    const typed = this.#applied(parseHeader, parsed.header);
    if ('value' in typed) {
      return { header: typed.value, bodyLength };
    }
    return this.fail('ERR_MESSAGE_HEADER_INVALID', `The header ${typed.detail}`, {
      reason: 'schema',
      cause: typed.cause,
      length: bytes.length,
    });
  }

  #applied(
    parseHeader: ParseHeader<H>,
    header: JsonObject,
  ): ReturnType<typeof applyParseHeader<H>> {
    try {
      return this.machine.call(() => applyParseHeader(parseHeader, header));
    } catch (bug) {
      if (isUnstickError(bug)) {
        this.machine.fail(bug);
      }
      throw bug;
    }
  }

  /** Returns the body length in the header. A message whose header has no body length has an empty body. */
  #bodyLength(header: JsonObject): number {
    const { bodyLengthKey } = this.layout;
    const length = Object.hasOwn(header, bodyLengthKey) ? header[bodyLengthKey] : 0;
    if (typeof length === 'number' && Number.isSafeInteger(length) && length >= 0) {
      return Math.abs(length);
    } // Math.abs turns -0 into 0.
    const shown = typeof length === 'number' ? String(length) : `a ${typeof length}`;
    return this.fail(
      'ERR_MESSAGE_BODY_LENGTH',
      `header.${bodyLengthKey} is ${shown}, not a whole number from 0 to 2^53-1`,
      typeof length === 'number' ? { length } : {},
    );
  }
}
