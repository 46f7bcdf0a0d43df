// The decoder of delimited(), lines() and cobs(): start marker, content, end marker.
//
// A frame lies in the queue until it is whole, and is then joined once. The content reader looks at every
// byte once. A start marker stays in the queue with its frame, so that `takeRest` returns it. When start and
// end are the same marker, one marker can end a frame and begin the next one. Such a marker belongs to the
// first of the two frames.
//
// With resync, a frame that turns out to be wrong is read again from its second byte on. So the decoder reads
// no further than the longest frame of the layout can reach.

import type { ProtocolError, StreamPlace } from '../../errors.ts';
import { isUnstickError } from '../../errors.ts';
import { allocateLike, viewClassOf } from '../allocate.ts';
import type { Run } from '../chunk-queue.ts';
import type { Bytes } from '../byte-types.ts';
import type { DecoderOptions } from '../codec.ts';
import type { Checksum } from '../sections.ts';
import { SeekingDecoder } from '../seeking-decoder.ts';
import type { Content } from './content.ts';
import { endless, withoutEnd, wrongEscape, wrongStart, wrongSum } from './errors.ts';
import type { DelimitedLayout } from './layout.ts';

/**
 * Maximum length of a slab. A slab is the memory that unescaped values share, just as values without escapes
 * share a chunk.
 */
const MAX_SLAB_LENGTH = 65_536;
/** Number of first bytes by which the hint of an error recognises another protocol. */
const HEAD_LENGTH = 4;
const EMPTY: Bytes = new Uint8Array(0);

export class DelimitedDecoder extends SeekingDecoder {
  readonly #layout: DelimitedLayout;
  readonly #content: Content;
  /** Maximum length of payload and checksum together. */
  readonly #limit: number;
  /** Index in the frame at which the content begins. It is -1 until the start marker was judged. */
  #contentAt: number;
  /**
   * Number of bytes after which a frame has surely ended or is too long. It allows for a payload in which
   * every plain byte is an escape sequence of two bytes, and for one more sequence where the end marker
   * should stand.
   */
  readonly #reach: number;
  /** Does what `giveUp` of Decoder says. It is undefined for a format without resync. */
  readonly giveUp: (() => boolean) | undefined;
  /**
   * Number of bytes at the front of the queue that were read. In Skip they are the rest of the skipped frame.
   */
  #read: number;
  /** Memory for unescaped values. */
  #slab: Bytes = EMPTY;
  /** Number of bytes of `#slab` that are used. */
  #slabAt = 0;
  /** Whether the caller may keep views of `#slab`. If so, its used bytes must not be written again. */
  #isSlabShared = false;

  constructor(layout: DelimitedLayout, options: DecoderOptions | undefined) {
    super(options, layout.resync?.search({ magic: layout.start, mask: undefined }));
    this.#layout = layout;
    this.giveUp = layout.resync && (() => this.stall());
    this.#content = layout.stuffing.reader();
    this.#limit = layout.maxLength + (layout.checksum?.length ?? 0);
    this.#reach = layout.start.length + 2 * this.#limit + layout.end.length + 1;
    this.#contentAt = layout.start.length === 0 ? 0 : -1;
    this.#read = 0;
  }

  protected override seek(): boolean {
    if (this.#layout.isDirect && this.#read === 0 && this.#seekDirect()) {
      return true;
    }
    while (this.#judgeStart() && this.#readContent()) {
      if (!this.#dropFill()) {
        return this.#takeFrame();
      }
    }
    // No whole frame is there, so let go of the slab: a connection that waits should hold no memory.
    this.#slab = EMPTY;
    this.memory = undefined;
    return false;
  }

  protected override drop(): boolean {
    const { queue } = this;
    const content = this.#content;
    for (let run = this.#rest(); run !== undefined && !content.found; run = this.#rest()) {
      this.#read += content.read(run);
    }
    queue.skip(this.#read);
    this.#read = 0;
    if (content.found) {
      this.#begin();
      return true;
    }
    return false;
  }

  protected override truncated(place: StreamPlace, received: number): ProtocolError {
    return withoutEnd(place, received);
  }

  protected override get isFill(): boolean {
    const { isShared, start } = this.#layout;
    return isShared && this.#contentAt === start.length && this.queue.length === start.length;
  }

  protected override restart(): void {
    this.#begin();
  }

  protected override get isChecked(): boolean {
    return this.#layout.checksum !== undefined;
  }

  /**
   * Finds a frame that lies whole in the front chunk. It is for layouts in which nothing but the length can
   * be wrong.
   */
  #seekDirect(): boolean {
    const { queue } = this;
    const { end, optional, maxLength, strip } = this.#layout;
    const { head, at } = queue;
    const endAt = head.indexOf(end[0] ?? 0, at);
    if (endAt < 0 || endAt >= queue.end) {
      return false;
    }
    const stop = endAt > at && head[endAt - 1] === optional ? endAt - 1 : endAt;
    // Leave an empty frame to the slow way, which checks that the memory of the chunk is still there. If the
    // memory was transferred, optimised code may read zeros, and so see an empty frame.
    if (stop - at > maxLength || endAt === at) {
      return false;
    }
    queue.at = endAt + 1;
    this.valueStart = at;
    this.valueEnd = strip ? stop : queue.at;
    this.frameIndex++;
    return true;
  }

  /** Forgets the current frame and begins the next. */
  #begin(): void {
    this.#contentAt = this.#layout.start.length === 0 ? 0 : -1;
    this.#read = 0;
    this.#content.reset();
  }

  /** Returns the next run that was not read, but with resync no byte beyond `#reach`. */
  #rest(): Run | undefined {
    const run = this.queue.look(this.#read);
    if (run === undefined || this.giveUp === undefined) {
      return run;
    }
    return { ...run, end: Math.min(run.end, run.at + this.#reach - this.#read) };
  }

  /** Judges the start marker, and sets where the content begins. Returns false when bytes are missing. */
  #judgeStart(): boolean {
    if (this.#contentAt >= 0) {
      return true;
    }
    const { queue } = this;
    const { start, isShared } = this.#layout;
    const present = Math.min(start.length, queue.length);
    let right = 0;
    while (right < present && queue.byteAt(right) === start[right]) {
      right++;
    }
    if (right < present) {
      // The end marker of the previous frame was also the start marker of this frame.
      if (isShared && this.frameIndex > 0 && !this.isLost) {
        this.#contentAt = 0;
        return true;
      }
      this.wrongForGood({ code: 'ERR_FRAME_MAGIC', length: start.length }, () => {
        const seen = Uint8Array.of(...start.subarray(0, right), queue.byteAt(right));
        return wrongStart(this.place, start.length, seen);
      });
      return false;
    }
    if (present < start.length) {
      return false;
    }
    this.#contentAt = start.length;
    this.#read = start.length;
    return true;
  }

  /** Reads up to the end marker. Returns false when the marker has not come, or the frame is wrong. */
  #readContent(): boolean {
    const content = this.#content;
    while (!content.found) {
      const run = this.#rest();
      if (run === undefined) {
        return false;
      }
      this.#read += content.read(run);
      if (content.length > this.#limit) {
        const { start, maxLength } = this.#layout;
        const certain = {
          code: 'ERR_FRAME_TOO_LARGE',
          length: start.length + this.#limit,
        } as const;
        this.wrong(certain, () => endless(this.place, maxLength, this.#head()));
        return false;
      }
      const { wrong } = content;
      if (wrong !== undefined) {
        const at = this.#read;
        this.wrong({ code: 'ERR_FRAME_ESCAPE', length: at }, () =>
          wrongEscape(this.place, wrong, at),
        );
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the first bytes of a frame without a start marker, for a hint: as many bytes as have surely come.
   */
  #head(): Uint8Array {
    const { start, maxLength } = this.#layout;
    const length = start.length > 0 ? 0 : Math.min(HEAD_LENGTH, maxLength + 1);
    return Uint8Array.from({ length }, (_, i) => this.queue.byteAt(i));
  }

  /** Drops an empty frame, if the layout drops empty frames. Returns whether it dropped one. */
  #dropFill(): boolean {
    const { end, isShared, skipEmpty } = this.#layout;
    if (!skipEmpty || this.#read > this.#contentAt + end.length) {
      return false;
    }
    this.reportNoise();
    // If start and end are the same, the second of two neighbouring markers begins the next frame, so keep
    // that marker.
    this.queue.skip(isShared ? this.#contentAt : this.#read);
    this.#begin();
    return true;
  }

  /** Takes the frame whose end was found. Returns false when its checksum is wrong. */
  #takeFrame(): boolean {
    const { queue } = this;
    const { end, optional, checksum, strip } = this.#layout;
    const frameLength = this.#read;
    const { length: plainLength } = this.#content;
    queue.gather(frameLength);
    const at = queue.at + this.#contentAt;
    const stop = optional === -1 ? queue.at + frameLength - end.length : at + plainLength;
    this.#unescape({ bytes: queue.head, at, end: stop }, plainLength);
    if (checksum !== undefined && !this.#checksumHolds(checksum)) {
      this.wrong({ code: 'ERR_FRAME_CHECKSUM', length: frameLength }, () =>
        wrongSum(this.place, plainLength, checksum.length),
      );
      return false;
    }
    this.reportNoise();
    if (!strip) {
      this.#wholeFrame(frameLength);
    }
    queue.at += frameLength;
    this.frameIndex++;
    this.#begin();
    return true;
  }

  /** Sets the value: the content itself, or its unescaped bytes in the slab. */
  #unescape(content: Run, plainLength: number): void {
    this.memory = undefined;
    this.valueStart = content.at;
    if (this.#content.isEscaped) {
      this.memory = this.#room(plainLength);
      this.valueStart = this.#slabAt;
      this.#content.unescape(content, this.memory, this.#slabAt);
      this.#slabAt += plainLength;
    }
    this.valueEnd = this.valueStart + plainLength;
  }

  /**
   * Returns a slab with room for `length` bytes at `#slabAt`. A visitor of `scan` keeps no views, so one slab
   * is reused.
   */
  #room(length: number): Bytes {
    const { queue } = this;
    // The caller may have transferred the memory of the slab, because values are views of it.
    const isGone = this.#slab.buffer.byteLength === 0;
    if (isGone || queue.shared !== this.#isSlabShared) {
      this.#isSlabShared = queue.shared;
      this.#slab = EMPTY;
    }
    if (!queue.shared) {
      this.#slabAt = 0;
    }
    if (this.#slab === EMPTY || this.#slabAt + length > this.#slab.length) {
      const rest = Math.min(queue.end - queue.at, MAX_SLAB_LENGTH);
      this.#slab = allocateLike(queue.head, Math.max(length, rest));
      this.viewClass = viewClassOf(this.#slab);
      this.#slabAt = 0;
    }
    return this.#slab;
  }

  /** Takes the checksum off the end of the value. Returns false when the checksum is wrong. */
  #checksumHolds(checksum: Checksum): boolean {
    const bytes = this.memory ?? this.queue.head;
    const { valueStart } = this;
    const sumAt = this.valueEnd - checksum.length;
    if (sumAt < valueStart) {
      return false;
    }
    this.valueEnd = sumAt;
    try {
      const sum = this.call(() => checksum.compute(bytes.subarray(valueStart, sumAt)));
      return sum.every((byte, i) => bytes[sumAt + i] === byte);
    } catch (error) {
      // `compute` of a layout throws only for a bug in a custom checksum. The bug would come again with each frame, so
      // fail for good.
      if (isUnstickError(error)) {
        this.fail(error);
      }
      throw error;
    }
  }

  /**
   * Sets the value to the whole frame. If its start marker was the end marker of the previous frame, the
   * value is a copy with the marker in front.
   */
  #wholeFrame(frameLength: number): void {
    const { queue } = this;
    const { start } = this.#layout;
    this.memory = undefined;
    this.valueStart = queue.at;
    this.valueEnd = queue.at + frameLength;
    const lacking = this.#contentAt === 0 ? start.length : 0;
    if (lacking === 0) {
      return;
    }
    const whole = allocateLike(queue.head, lacking + frameLength);
    whole.set(start);
    whole.set(queue.head.subarray(queue.at, queue.at + frameLength), lacking);
    this.memory = whole;
    this.viewClass = viewClassOf(whole);
    this.valueStart = 0;
    this.valueEnd = whole.length;
  }
}
