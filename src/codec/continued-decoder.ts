// The decoder of continued(). It takes frames from another decoder, and joins the payloads of a series.
//
//   ┌─────────┐  a fragment, and more follow   ┌────────┐
//   │ Between │ ─────────────────────────────▶ │ Series │ ──▶ more fragments; Series
//   └─────────┘ ◀───── the last fragment ───── └────────┘
//       │                a value                    │ does not fit, too long, hole, the end
//       └────── does not fit, too long ──────▶ Failed (the same error for ever)
//
// A hole is a skipped frame, or noise, inside a series. A frame for which `pass` returns true is a value of
// its own in either state, and does not change the state.

import { ProtocolError } from '../errors.ts';
import type { StreamPlace, UnstickError } from '../errors.ts';
import { allocateLike } from './allocate.ts';
import { unpinned } from './pinning.ts';
import { isBytes } from './bytes.ts';
import { brokenCallback, bugOf } from './callbacks.ts';
import type { Codec, Decoder, DecoderOptions } from './codec.ts';
import type { Fragment, ResolvedContinued } from './continued-options.ts';
import { resolveDecoderOptions } from './decoder-options.ts';
import { busy, refusedFrame, seriesUnfinished } from './frame-errors.ts';

const LIMIT_HINT = 'If such a message is right, raise the limit on both sides.';
const BEGINS_NONE = 'A frame cannot begin a message';
const GOES_NOT_ON = 'A frame cannot continue the unfinished message';

/** An unfinished series of fragments. */
interface Series<P> {
  readonly first: P;
  readonly place: StreamPlace;
  readonly payloads: Uint8Array[];
  /** Number of bytes in the payloads of the series. */
  length: number;
  /** Number of bytes in the frames of the series. */
  taken: number;
}

export class ContinuedDecoder<In extends Fragment, Out extends In> implements Decoder<Out> {
  readonly #inner: Decoder<Out>;
  readonly #options: ResolvedContinued<In>;
  #series: Series<Out> | undefined;
  #failure: UnstickError | undefined;
  /** Whether the decoder failed because a frame or noise inside a series cannot be skipped. */
  #hasHole = false;
  #busy = false;
  #pushedLength = 0;
  /** Number of frames that the other decoder has given so far, including the ones that it skipped. */
  #frames = 0;
  readonly giveUp: (() => boolean) | undefined;
  /** Function that returns the unread bytes, as in Decoder. Missing if the other decoder has none. */
  readonly takeRest?: () => Uint8Array[];

  constructor(
    codec: Codec<In, Out>,
    options: ResolvedContinued<In>,
    given: DecoderOptions | undefined,
  ) {
    const { onSkip, onNoise = onSkip } = resolveDecoderOptions(given);
    this.#options = options;
    this.#inner = codec.decoder({
      ...(onSkip === undefined ? {} : { onSkip: this.#skipping(onSkip) }),
      // Always pass a function here: without one the other decoder would drop noise silently, and a payload
      // could have a hole.
      onNoise: this.#skipping((error) => onNoise?.(error)),
    });
    this.giveUp = this.#inner.giveUp?.bind(this.#inner);
    const rest = this.#inner.takeRest?.bind(this.#inner);
    if (rest !== undefined) {
      this.takeRest = () => this.#takeRest(rest);
    }
  }

  push(chunk: Uint8Array): void {
    if (this.#busy) {
      throw busy();
    }
    if (this.#failure !== undefined && isBytes(chunk)) {
      return;
    }
    this.#inner.push(chunk);
    this.#pushedLength += chunk.length;
  }

  end(): void {
    if (this.#busy) {
      throw busy();
    }
    this.#inner.end();
  }

  take(): Out | undefined {
    if (this.#busy) {
      throw busy();
    }
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    for (;;) {
      const start = this.#pushedLength - this.#inner.bufferedLength;
      const frame = this.#takeFrame();
      if (frame === undefined) {
        return this.#wait();
      }
      const byteOffset = this.#inner.valueOffset ?? start;
      const value = this.#accept(frame, { byteOffset, frameIndex: this.#frames++ });
      if (value !== undefined) {
        return value;
      }
    }
  }

  get done(): boolean {
    return this.#isBetween && this.#inner.done;
  }

  get bufferedLength(): number {
    // After a hole the decoder delivers nothing any more, so no byte is waiting to be delivered.
    return this.#hasHole ? 0 : this.#inner.bufferedLength + (this.#series?.taken ?? 0);
  }

  /**
   * Number of bytes that the other decoder has dropped so far. It is 0 if that decoder does not count them.
   */
  get skippedLength(): number {
    const length: unknown = Reflect.get(this.#inner, 'skippedLength');
    return typeof length === 'number' ? length : 0;
  }

  get atBoundary(): boolean {
    const { atBoundary = this.#inner.bufferedLength === 0 } = this.#inner;
    return this.#isBetween && atBoundary;
  }

  /** Whether no series is open and the decoder has not failed. */
  get #isBetween(): boolean {
    return this.#series === undefined && this.#failure === undefined;
  }

  *[Symbol.iterator](): Generator<Out, void, undefined> {
    for (let value = this.take(); value !== undefined; value = this.take()) {
      yield value;
    }
  }

  #takeRest(rest: () => Uint8Array[]): Uint8Array[] {
    if (this.#busy) {
      throw busy();
    }
    // Refuse here: the unread bytes belong to an unfinished message, or stand behind a hole in a message.
    if (this.#series !== undefined || this.#hasHole) {
      throw seriesUnfinished();
    }
    return rest();
  }

  /**
   * Wraps `onSkip` or `onNoise` for the other decoder. Between two series the wrapper passes the error on.
   * Inside a series it throws the error, because skipping a frame or noise there could leave a hole in the
   * payload.
   */
  #skipping(onSkip: (error: ProtocolError) => void): (error: ProtocolError) => void {
    return (error) => {
      if (this.#series !== undefined) {
        this.#hasHole = true;
        throw error;
      }
      // Noise between two frames does not count as a frame.
      this.#frames += error.code === 'ERR_NOISE' ? 0 : 1;
      onSkip(error);
    };
  }

  /** Takes the next frame from the other decoder. A ProtocolError of that decoder is fatal here, too. */
  #takeFrame(): Out | undefined {
    try {
      return this.#inner.take();
    } catch (error) {
      // An error that `onSkip` of the caller throws passes through, and the decoder goes on.
      if (error instanceof ProtocolError) {
        this.#fail(error);
      }
      throw error;
    }
  }

  /** Takes one frame in. Returns the value that the frame completes, or `undefined` if more frames follow. */
  #accept(frame: Out, place: StreamPlace): Out | undefined {
    const { pass, fits, isMore } = this.#options;
    const series = this.#series;
    if (this.#ask('pass', place, () => pass(frame))) {
      return frame;
    }
    if (!this.#ask('fits', place, () => fits(frame, series?.first))) {
      this.#refuse(place, series === undefined ? BEGINS_NONE : GOES_NOT_ON);
    }
    const goesOn = this.#ask('isMore', place, () => isMore(frame));
    if (series === undefined && !goesOn) {
      this.#limit(place, frame.payload.length);
      return frame;
    }
    const open = series ?? { first: frame, place, payloads: [], length: 0, taken: 0 };
    this.#series = open;
    this.#limit(open.place, open.length + frame.payload.length);
    if (open.payloads.length === this.#options.maxFragments) {
      this.#refuse(
        open.place,
        `A message has more than maxFragments ${open.payloads.length} fragments`,
        LIMIT_HINT,
      );
    }
    open.length += frame.payload.length;
    open.taken += this.#pushedLength - this.#inner.bufferedLength - place.byteOffset;
    open.payloads.push(unpinned(frame.payload));
    return goesOn ? undefined : this.#join(open);
  }

  /** Ends the series and makes its value. */
  #join({ first, payloads, length }: Series<Out>): Out {
    this.#series = undefined;
    const payload = allocateLike(first.payload, length);
    let at = 0;
    for (const one of payloads) {
      payload.set(one, at);
      at += one.length;
    }
    return { ...first, payload };
  }

  /**
   * Calls a function of the caller, which must return a boolean. During the call every use of the decoder
   * throws.
   */
  #ask(name: string, place: StreamPlace, question: () => boolean): boolean {
    let answer: unknown;
    this.#busy = true;
    try {
      answer = question();
    } catch (thrown) {
      return this.#fail(bugOf(name, thrown) ?? refusedFrame(place, thrown));
    } finally {
      this.#busy = false;
    }
    if (typeof answer === 'boolean') {
      return answer;
    }
    return this.#fail(brokenCallback(`${name} gave a ${typeof answer}, not true or false.`));
  }

  /** Fails the decoder if the payload of a value is too long. */
  #limit(place: StreamPlace, length: number): void {
    const limit = this.#options.maxLength;
    if (length <= limit) {
      return;
    }
    const facts = `Fragments of ${length} bytes exceed maxLength ${limit}`;
    const init = { ...place, length, limit, hint: LIMIT_HINT };
    this.#fail(new ProtocolError('ERR_FRAME_TOO_LARGE', facts, init));
  }

  /**
   * Returns `undefined`, because more bytes must come first. After the end of the input no more bytes come,
   * so an unfinished series then fails with ERR_FRAME_TRUNCATED.
   */
  #wait(): undefined {
    const series = this.#series;
    if (series === undefined || !this.#inner.done) {
      return undefined;
    }
    const received = this.#pushedLength - series.place.byteOffset;
    const facts = `The input ended between two fragments of a message, after ${received} of its bytes`;
    const hint =
      'The remote stopped in the middle of a message. All messages before it are complete.';
    const init = { ...series.place, received, hint };
    return this.#fail(new ProtocolError('ERR_FRAME_TRUNCATED', facts, init));
  }

  #refuse(place: StreamPlace, facts: string, hint?: string): never {
    this.#fail(new ProtocolError('ERR_FRAME_MALFORMED', facts, { ...place, hint }));
  }

  /** Throws the error, and makes every further read throw it too. Drops the fragments of an open series. */
  #fail(error: UnstickError): never {
    this.#failure = error;
    this.#series = undefined;
    throw error;
  }
}
