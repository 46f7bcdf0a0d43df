// Planted bugs: each is a right decoder with one wrong step, as found in real programs. The table says which
// check must catch it. A check that no longer catches its mutants no longer checks anything.

/* oxlint-disable max-lines -- one table, and the decoders that it names */

import type { Decoder } from '../../src/codec/codec.ts';
import { ProtocolError } from '../../src/errors.ts';
import type { DecoderTarget } from '../../src/prove/decoder/options.ts';
import type { DecoderCheck } from '../../src/prove/decoder/terms.ts';
import { LIMIT, PREFIX, RightDecoder, frameOf } from './right-decoder.ts';

export interface Mutant {
  readonly name: string;
  readonly caughtBy: DecoderCheck;
  readonly target: DecoderTarget<Uint8Array, unknown>;
  /** Whether the values are texts. */
  readonly text?: boolean;
}

type Making = new () => Decoder<Uint8Array>;

const encode = (payload: Uint8Array): Uint8Array[] => [frameOf(payload)];

/** Makes a codec of a decoder class. */
export function codecOf(Made: Making): DecoderTarget<Uint8Array, Uint8Array> {
  return { encode, decoder: () => new Made() };
}

class PrefixCountsItself extends RightDecoder {
  protected override lengthAt(offset: number): number {
    return Math.max(0, super.lengthAt(offset) - 1);
  }
}

class OneByteTooSoon extends RightDecoder {
  protected override isWhole(length: number): boolean {
    return this.bufferedLength >= PREFIX + length - 1;
  }

  protected override deliver(length: number): Uint8Array {
    const payload = super.deliver(length);
    this.start = Math.min(this.start, this.stop);
    return payload;
  }
}

/** Reads the prefix from whatever bytes one read gave, even if they are too few. */
class PrefixReadOnce extends RightDecoder {
  #length: number | undefined;

  override take(): Uint8Array | undefined {
    if (this.#length === undefined && this.bufferedLength > 0) {
      this.#length = super.lengthAt(this.start);
    }
    const frame = super.take();
    if (frame !== undefined) {
      this.#length = undefined;
    }
    return frame;
  }

  protected override lengthAt(offset: number): number {
    return this.#length ?? super.lengthAt(offset);
  }

  protected override byteAt(offset: number): number {
    return offset < this.stop ? super.byteAt(offset) : 0;
  }
}

/** Begins anew with each chunk, and loses the bytes that the chunk before left over. */
class CarryDropped extends RightDecoder {
  protected override append(chunk: Uint8Array): void {
    this.delivered += this.bufferedLength;
    this.start = this.stop;
    super.append(chunk);
  }
}

/** Keeps the rest of a payload for the next chunk, but not the rest of a prefix. */
class PrefixCarryDropped extends RightDecoder {
  protected override append(chunk: Uint8Array): void {
    if (this.bufferedLength < PREFIX) {
      this.start = this.stop;
    }
    super.append(chunk);
  }
}

class EmptyFrameSwallowed extends RightDecoder {
  override take(): Uint8Array | undefined {
    const frame = super.take();
    return frame?.length === 0 ? this.take() : frame;
  }
}

class TruncationSilent extends RightDecoder {
  protected override short(): undefined {
    if (this.ended) {
      this.start = this.stop;
    }
    return undefined;
  }
}

class TruncationSilentInPrefix extends RightDecoder {
  protected override short(): undefined {
    if (this.ended && this.bufferedLength < PREFIX) {
      this.start = this.stop;
    }
    return super.short();
  }
}

/** Judges an end by whether the payload buffer is empty. It is empty directly behind a prefix. */
class TruncationSilentAfterPrefix extends RightDecoder {
  protected override short(): undefined {
    if (this.ended && this.bufferedLength === PREFIX) {
      this.start = this.stop;
    }
    return super.short();
  }
}

class PartialFrameDelivered extends RightDecoder {
  protected override short(): undefined {
    return this.ended ? undefined : super.short();
  }

  override take(): Uint8Array | undefined {
    const frame = super.take();
    if (frame !== undefined || !this.ended || this.bufferedLength === 0) {
      return frame;
    }
    const rest = this.held.slice(Math.min(this.start + PREFIX, this.stop), this.stop);
    this.start = this.stop;
    return rest;
  }
}

class QuadraticConcat extends RightDecoder {
  protected override append(chunk: Uint8Array): void {
    this.held = Buffer.concat([this.held.subarray(this.start, this.stop), chunk]);
    this.start = 0;
    this.stop = this.held.length;
  }
}

/** Copies the rest of the chunk after every frame. */
class QuadraticRest extends RightDecoder {
  protected override deliver(length: number): Uint8Array {
    const frame = super.deliver(length);
    this.held = this.held.slice(this.start, this.stop);
    this.stop -= this.start;
    this.start = 0;
    return frame;
  }
}

class AllocatesAhead extends RightDecoder {
  protected override isWhole(length: number): boolean {
    const whole = super.isWhole(length);
    if (!whole && this.held.length < PREFIX + length) {
      this.makeRoom(length);
    }
    return whole;
  }
}

class LimitCheckedAfterAllocation extends RightDecoder {
  protected body: Uint8Array = new Uint8Array(0);

  protected override check(length: number): void {
    if (length > LIMIT) {
      this.body = new Uint8Array(Math.min(length, 2 ** 28));
    }
    super.check(length);
  }
}

/** Stores the bytes of a split prefix in the wrong order. */
class LittleEndianWhenSplit extends RightDecoder {
  #split = false;

  protected override append(chunk: Uint8Array): void {
    const before = this.bufferedLength;
    if (before > 0 && before < PREFIX) {
      this.#split = true;
    }
    super.append(chunk);
  }

  protected override lengthAt(offset: number): number {
    if (!this.#split) {
      return super.lengthAt(offset);
    }
    return new DataView(this.held.buffer, this.held.byteOffset).getUint32(offset, true);
  }

  protected override deliver(length: number): Uint8Array {
    this.#split = false;
    return super.deliver(length);
  }
}

/**
 * Stores a chunk when it is pushed, and looks at it only when values are taken. So the next push replaces it.
 */
class LazyPush extends RightDecoder {
  #chunk: Uint8Array | undefined;

  override push(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  override take(): Uint8Array | undefined {
    if (this.#chunk !== undefined) {
      this.append(this.#chunk);
    }
    this.#chunk = undefined;
    return super.take();
  }
}

class ObjectPerChunk extends RightDecoder {
  readonly #seen: { chunk: Uint8Array }[] = [];

  protected override append(chunk: Uint8Array): void {
    this.#seen.push({ chunk });
    super.append(chunk);
  }
}

class SecondFrameDropped extends RightDecoder {
  protected override deliver(length: number): Uint8Array {
    const frame = super.deliver(length);
    this.start = this.stop;
    return frame;
  }
}

/** Gives one frame for each read. The other frames wait for the next read. */
class OneFramePerChunk extends RightDecoder {
  #given = false;

  protected override append(chunk: Uint8Array): void {
    this.#given = false;
    super.append(chunk);
  }

  override take(): Uint8Array | undefined {
    if (this.#given && !this.ended) {
      return undefined;
    }
    const frame = super.take();
    this.#given = frame !== undefined;
    return frame;
  }
}

/** Decodes a whole chunk in advance. A bad frame in the chunk throws away the good frames before it. */
class ErrorEatsGoodFrames extends RightDecoder {
  #ready: Uint8Array[] = [];

  override take(): Uint8Array | undefined {
    const given = this.#ready.shift();
    if (given !== undefined) {
      return given;
    }
    const ahead: Uint8Array[] = [];
    for (let frame = super.take(); frame !== undefined; frame = super.take()) {
      ahead.push(frame);
    }
    this.#ready = ahead;
    return this.#ready.shift();
  }
}

class GoesOnAfterError extends RightDecoder {
  protected override fail(code: 'ERR_FRAME_TOO_LARGE' | 'ERR_FRAME_TRUNCATED'): Error {
    const error = super.fail(code);
    this.error = undefined;
    this.start = Math.min(this.stop, this.start + PREFIX);
    return error;
  }
}

class UntypedError extends RightDecoder {
  protected override fail(): Error {
    this.error = new Error('Bad frame');
    return this.error;
  }
}

/** Gives views of a buffer into which the next frame is copied. */
class ReusedBuffer extends RightDecoder {
  readonly #out: Uint8Array = new Uint8Array(64 * 1024);

  protected override payload(from: number, to: number): Uint8Array {
    if (to - from > this.#out.length) {
      return super.payload(from, to);
    }
    this.#out.set(this.held.subarray(from, to));
    return this.#out.subarray(0, to - from);
  }
}

class SignedLength extends RightDecoder {
  protected override lengthAt(offset: number): number {
    return super.lengthAt(offset) | 0;
  }

  protected override deliver(length: number): Uint8Array {
    if (length < 0) {
      throw new RangeError(`Invalid array length ${length}`);
    }
    return super.deliver(length);
  }
}

/** Ignores the offset at which a chunk begins in its buffer. */
class WholeBufferRead extends RightDecoder {
  protected override append(chunk: Uint8Array): void {
    super.append(new Uint8Array(chunk.buffer, 0, chunk.length));
  }
}

/** Takes an empty chunk for the end of the input. */
class EmptyChunkEnds extends RightDecoder {
  override push(chunk: Uint8Array): void {
    if (chunk.length === 0) {
      this.ended = true;
    } else {
      this.append(chunk);
    }
  }
}

class OffsetOfChunk extends RightDecoder {
  protected override append(chunk: Uint8Array): void {
    this.delivered = 0;
    super.append(chunk);
  }
}

class EndlessEmptyFrames extends RightDecoder {
  protected override deliver(length: number): Uint8Array {
    if (length === 0) {
      return new Uint8Array(0);
    }
    return super.deliver(length);
  }
}

class SmallFramesOnly extends RightDecoder {
  protected override lengthAt(offset: number): number {
    return this.byteAt(offset + 3);
  }
}

/** Keeps the rest of a chunk in one variable of the module, so all connections share it. */
function sharedCarry(): DecoderTarget<Uint8Array, Uint8Array> {
  let carry: Uint8Array = new Uint8Array(0);
  return {
    push: () => ({
      push(chunk) {
        const decoder = new RightDecoder();
        decoder.push(carry);
        decoder.push(chunk);
        const frames = [...decoder];
        const whole = Buffer.concat([carry, chunk]);
        carry = whole.subarray(whole.length - decoder.bufferedLength);
        return frames;
      },
      end() {
        if (carry.length === 0) {
          return;
        }
        carry = new Uint8Array(0);
        throw new ProtocolError('ERR_FRAME_TRUNCATED', 'The frame is cut short', {
          byteOffset: 0,
          frameIndex: 0,
        });
      },
    }),
  };
}

/** Decodes texts between zero bytes, but makes a text of each chunk by itself. */
function textPerChunk(): DecoderTarget<Uint8Array, string> {
  return {
    push: () => {
      let carry = '';
      return (chunk) => {
        const texts = (carry + chunk.toString('utf8')).split('\0');
        carry = texts.pop() ?? '';
        return texts;
      };
    },
  };
}

const of = (name: string, caughtBy: DecoderCheck, Made: Making): Mutant => ({
  name,
  caughtBy,
  target: codecOf(Made),
});

export const mutants: readonly Mutant[] = [
  of('takes the length for one less', 'conservation', PrefixCountsItself),
  of('gives a frame before its last byte', 'cut-invariance', OneByteTooSoon),
  of('reads the prefix once, however little has come', 'cut-invariance', PrefixReadOnce),
  of('drops what the last chunk left over', 'cut-invariance', CarryDropped),
  of(
    'drops the part of a prefix that the last chunk left over',
    'cut-invariance',
    PrefixCarryDropped,
  ),
  of('swallows empty frames', 'conservation', EmptyFrameSwallowed),
  of('is silent when the end cuts a frame', 'truncation', TruncationSilent),
  of('is silent when the end cuts a prefix', 'truncation', TruncationSilentInPrefix),
  of(
    'is silent when the end comes right after a prefix',
    'truncation',
    TruncationSilentAfterPrefix,
  ),
  of('gives a cut frame as a whole one', 'truncation', PartialFrameDelivered),
  of('puts all bytes together again for each chunk', 'linear-cost', QuadraticConcat),
  of('copies the rest of the chunk behind each frame', 'linear-cost', QuadraticRest),
  of('allocates the declared length at once', 'bounded-memory', AllocatesAhead),
  of('allocates before it checks the limit', 'bounded-memory', LimitCheckedAfterAllocation),
  of('reads a split prefix as little endian', 'cut-invariance', LittleEndianWhenSplit),
  of('looks at a chunk only when values are taken', 'conservation', LazyPush),
  of('keeps an object for each chunk', 'bounded-memory', ObjectPerChunk),
  of('drops the second frame of a chunk', 'conservation', SecondFrameDropped),
  of('gives one frame a chunk', 'conservation', OneFramePerChunk),
  of('loses good frames to a bad one behind them', 'error-invariance', ErrorEatsGoodFrames),
  of('goes on after its error', 'error-invariance', GoesOnAfterError),
  of('throws an untyped error', 'typed-errors', UntypedError),
  of('gives views of a buffer that it reuses', 'conservation', ReusedBuffer),
  of('takes the length for a signed number', 'typed-errors', SignedLength),
  of('reads the buffer under a chunk from its start', 'conservation', WholeBufferRead),
  of('takes an empty chunk for the end', 'cut-invariance', EmptyChunkEnds),
  of('counts error offsets from the last chunk', 'error-invariance', OffsetOfChunk),
  of('gives an empty frame for ever', 'conservation', EndlessEmptyFrames),
  of('reads only the last byte of the prefix', 'conservation', SmallFramesOnly),
  { name: 'shares its carry between connections', caughtBy: 'isolation', target: sharedCarry() },
  {
    name: 'makes a text of each chunk by itself',
    caughtBy: 'cut-invariance',
    target: textPerChunk(),
    text: true,
  },
];
