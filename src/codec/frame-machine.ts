// The state machine that finds frames with a length prefix. Every decoder of such frames is built on it.
//
//            whole head: before | prefix | after             all of the frame is there
//   ┌──────┐ ──────────────────────────────────▶ ┌──────┐ ──────────────────────────▶ a frame; Head
//   │ Head │                                     │ Body │
//   └──────┘ ◀─── skipped: wrong checksum ────── └──────┘
//       │ too large, with onSkip    ┌──────┐
//       ├─────────────────────────▶ │ Skip │ ── all of it dropped ──▶ Head
//       │ anything else wrong       └──────┘
//       └─────────────────────────▶ Failed     (the same error for ever)
//
// With resync the machine skips no frame. It takes the first byte of a wrong frame for noise, and searches
// for the next marker behind that byte:
//
//   Head, Body ── anything wrong ──▶ ┌────────┐ ── marker ──▶ ┌───────┐ ── whole head ──▶ Body
//                                    │ Search │               │ Retry │
//                  too much noise ◀─ └────────┘ ◀─── wrong ── └───────┘
//
// In Retry the machine reads a head, as in Head, but behind a gap of noise. It must report the gap before it
// delivers the frame. resync.ts has the rules.
//
// The machine judges in byte order: before, prefix, after, trailer, then the checksums of the whole frame. It
// judges each part as soon as its bytes are there, and fixed bytes one by one. So the verdict depends on the
// bytes alone, never on their cuts. Where the head has a checksum, the machine judges the length after that
// checksum, because the length may be damaged. A wrong trailer, and without `onSkip` a wrong checksum, leads
// from Body to Failed.
//
// The bytes of a frame stay in the queue until the frame is whole, so that `takeRest` can return them. The
// bytes of a skipped frame are dropped as they come. `takeRest` refuses to return the rest of a skipped frame,
// since the next reader would take it for frames.

/* oxlint-disable max-lines -- one machine: its phases share their fields, and its picture stands beside them */

import { isUnstickError } from '../errors.ts';
import type { ErrorCode, ProtocolError, StreamPlace, UnstickError } from '../errors.ts';
import { ChunkQueue } from './chunk-queue.ts';
import type { Bytes } from './byte-types.ts';
import { bugOf } from './callbacks.ts';
import { checksumHolds } from './checksum.ts';
import type { FrameChecksum } from './checksum-layout.ts';
import type { DecoderOptions } from './codec.ts';
import { findDirect } from './direct-frames.ts';
import * as errors from './frame-errors.ts';
import type { FrameLayout } from './frame-layout.ts';
import { readCustom, refusedAt } from './length-field.ts';
import type { LengthField, ReadLength } from './length-field.ts';
import { MalformedLength } from './malformed.ts';
import { isOverlong, readFixed, readVarint, varintWidth, varintWidthAt } from './numbers.ts';
import type { Search } from './resync.ts';
import { isRight, ownBytesOf } from './sections.ts';
import type { Section } from './sections.ts';

/** Phases are numbers, so that a hot path tests with one comparison. From `failed` on, no phase reads bytes. */
// prettier-ignore
export const Phase = { head: 0, body: 1, skip: 2, search: 3, retry: 4, failed: 5, busy: 6, over: 7 } as const;
export type PhaseNumber = (typeof Phase)[keyof typeof Phase];

/**
 * Error that is thrown when a candidate of a search turns out to be no frame. All candidates share this one
 * object: noise holds many candidates, and making an error for each would be slow.
 */
const NO_FRAME: Error = /* @__PURE__ */ new Error('no frame');

export class FrameMachine {
  readonly layout: FrameLayout;
  readonly queue: ChunkQueue = new ChunkQueue();
  phase: PhaseNumber = Phase.head;
  ended = false;
  /** Number of frames delivered or skipped so far. It is the index of the current frame. */
  frameIndex = 0;

  // Indices in `queue.head` of the frame that `next` found. Valid until the next call of `next`.
  frameStart = 0;
  payloadStart = 0;
  payloadEnd = 0;
  frameEnd = 0;
  /** Flags in the prefix that was read last. It is 0 if the format has no flags. */
  flags = 0;

  /** In Head: the width of the prefix that was just read, and the number in it. */
  #prefixWidth = 0;
  #declared = 0;
  /** In Body: the length of everything in front of the payload, and the length of the payload. */
  #headLength = 0;
  #payloadLength = 0;
  /** In Body and in Skip: the length of the whole frame. */
  #frameLength = 0;
  /** In Skip: the stream offset at which the skipped frame began. */
  #skipOffset = 0;
  /**
   * Stream offset of the frame whose fixed bytes are being judged. `#rightBefore` counts the bytes of
   * `before` that were judged and are right. `#rightBehind` counts such bytes of `after` (in Head) or of the
   * trailer (in Body).
   */
  #judgedOffset = -1;
  #rightBefore = 0;
  #rightBehind = 0;
  #failure: UnstickError | undefined;
  readonly #onSkip: ((error: ProtocolError) => void) | undefined;
  readonly #onNoise: ((error: ProtocolError) => void) | undefined;
  readonly #search: Search | undefined;

  constructor(layout: FrameLayout, { onSkip, onNoise = onSkip }: DecoderOptions) {
    this.layout = layout;
    this.#onSkip = onSkip;
    this.#search = layout.resync?.search(layout.before);
    // Without a search there is no noise. A function that is not kept costs an idle connection no memory.
    this.#onNoise = this.#search && onNoise;
  }

  /** Whether no frame has begun, so that the input may end here. */
  get atBoundary(): boolean {
    const { phase } = this;
    return (phase === Phase.head || phase === Phase.search) && this.queue.length === 0;
  }

  /** Whether the input ended at a boundary and nothing is left to report. */
  get isDone(): boolean {
    const { phase } = this;
    return phase === Phase.over || (this.ended && phase === Phase.head && this.atBoundary);
  }

  /**
   * Length of the frame whose head was read and whose end has not come. It is 0 if there is no such frame.
   */
  get begunLength(): number {
    return this.phase === Phase.body ? this.#frameLength : 0;
  }

  /**
   * Finds the next whole frame. Returns false if it needs more bytes, or if the input ended at a boundary.
   */
  next(): boolean {
    const { layout, queue } = this;
    if (this.phase === Phase.head && layout.direct && findDirect(layout, queue, this)) {
      // A chunk whose memory was transferred reads as zeros, and zeros can look like a frame. So a frame counts
      // only if its last byte is there. Asking `isGone` for every frame would cost a third of the rate.
      if (queue.head[this.frameEnd - 1] !== undefined) {
        this.pass();
        return true;
      }
    }
    return this.#nextAnywhere();
  }

  /**
   * Reports noise that is still open, and returns the bytes that were not delivered. After this call `next`
   * finds no more frames.
   */
  takeRest(): Uint8Array[] {
    if (this.phase === Phase.busy) {
      throw errors.busy();
    }
    if (this.phase === Phase.skip && !this.#dropSkipped()) {
      throw errors.skipUnfinished();
    }
    if (this.phase !== Phase.failed) {
      this.#report(this.#search?.close(this.queue.offset));
    }
    this.ended = true;
    if (this.phase !== Phase.failed) {
      this.phase = Phase.over;
    }
    return this.queue.takeAll();
  }

  /**
   * Gives up the frame that was begun and searches for the next one. Returns false and does nothing if the
   * format has no resync, or if no frame was begun.
   */
  giveUp(): boolean {
    const { phase } = this;
    const isBegun = phase === Phase.head || phase === Phase.retry || phase === Phase.body;
    if (this.#search === undefined || !isBegun || this.queue.length === 0) {
      return false;
    }
    this.#search.lose(this.#candidate(), 'ERR_FRAME_STALLED');
    this.phase = Phase.search;
    return true;
  }

  /** Throws the error, and makes every further read throw it too. */
  fail(error: UnstickError): never {
    this.#failure = error;
    this.phase = Phase.failed;
    throw error;
  }

  /** Makes a view of bytes in `queue.head`. Fails when their memory is gone, since then no view can be made. */
  view(start: number, end: number): Bytes {
    try {
      return this.queue.view(start, end);
    } catch {
      return this.fail(errors.chunkDetached());
    }
  }

  /**
   * Returns the own bytes of a section that begins at `at` in `queue.head`: a view if they lie together,
   * otherwise a joined copy.
   */
  ownView(section: Section, at: number): Bytes {
    const { own, length } = section;
    const [first] = own;
    return first !== undefined && own.length === 1
      ? this.view(at + first.from, at + first.to)
      : ownBytesOf(section, this.view(at, at + length));
  }

  /** Calls `queue.gather`, for a decoder that reads bytes behind a frame. Fails when their memory is gone. */
  gather(count: number): void {
    try {
      this.queue.gather(count);
    } catch (error) {
      if (isUnstickError(error)) {
        this.fail(error);
      }
      throw error;
    }
  }

  /** Calls a function of the caller in the phase Busy, in which every use of the decoder throws. */
  call<T>(callback: () => T): T {
    const { phase } = this;
    this.phase = Phase.busy;
    try {
      return callback();
    } finally {
      this.phase = phase;
    }
  }

  /** Moves on behind the frame that was found. */
  pass(): void {
    const { queue } = this;
    this.frameStart = queue.at;
    queue.at = this.frameEnd;
    this.frameIndex++;
  }

  #nextAnywhere(): boolean {
    for (;;) {
      try {
        return this.#step();
      } catch (error) {
        if (error === NO_FRAME) {
          continue;
        }
        // In Skip the machine itself reads no bytes. So in Skip an error about a detached chunk comes from
        // another decoder, which `onSkip` used.
        const isOurs = this.phase !== Phase.skip && isUnstickError(error);
        if (isOurs && error.code === 'ERR_CHUNK_DETACHED') {
          this.fail(error);
        }
        throw error;
      }
    }
  }

  #step(): boolean {
    for (;;) {
      switch (this.phase) {
        case Phase.search:
          if (!this.#findCandidate()) {
            return this.#waitForMarker();
          }
          break;
        case Phase.head:
        case Phase.retry:
          if (!this.#readHead()) {
            return this.#wait();
          }
          break;
        case Phase.body:
          this.#judgeTrailer();
          if (this.queue.length < this.#frameLength) {
            return this.#wait();
          }
          if (this.#takeBody()) {
            return true;
          }
          break;
        case Phase.skip:
          if (!this.#dropSkipped()) {
            return this.#wait();
          }
          break;
        case Phase.busy:
          throw errors.busy();
        case Phase.over:
          return false;
        case Phase.failed:
          throw this.#failure;
      }
    }
  }

  /**
   * Waits for more bytes. After the end of the input no bytes will come, so an unfinished frame is truncated
   * and fails. In formats with resync and a checksum the unfinished frame is a failed candidate instead.
   */
  #wait(): false {
    const { phase, queue } = this;
    queue.settle(this.begunLength);
    if (!this.ended || this.atBoundary) {
      return false;
    }
    const received = phase === Phase.skip ? queue.offset - this.#skipOffset : queue.length;
    const isHead = phase === Phase.head || phase === Phase.retry;
    const missing = isHead ? undefined : this.#frameLength - received;
    const error = errors.truncated(this.#place(), received, missing);
    if (this.#search !== undefined && this.layout.checksums.written.length > 0) {
      this.#search.cut(this.#candidate(), error);
      this.phase = Phase.search;
      throw NO_FRAME;
    }
    this.#report(this.#search?.close(queue.offset));
    return this.fail(error);
  }

  /** Looks for the next candidate. Search → Retry. Returns false when all bytes that have come are noise. */
  #findCandidate(): boolean {
    try {
      if (this.#search?.find(this.queue) !== true) {
        return false;
      }
    } catch (error) {
      if (isUnstickError(error)) {
        this.fail(error);
      }
      throw error;
    }
    this.phase = Phase.retry;
    return true;
  }

  /**
   * Waits for more bytes behind noise. After the end of the input, reports the noise, and fails if the end
   * cut a candidate off.
   */
  #waitForMarker(): false {
    this.queue.settle();
    if (!this.ended) {
      return false;
    }
    this.#report(this.#search?.close(this.queue.offset));
    const cutOff = this.#search?.cutOff;
    if (cutOff !== undefined) {
      this.fail(cutOff);
    }
    this.phase = Phase.head;
    return false;
  }

  /** Reports a gap of noise that is over, if there is one. */
  #report(error: ProtocolError | undefined): void {
    const onNoise = this.#onNoise;
    if (error !== undefined && onNoise !== undefined) {
      this.call(() => onNoise(error));
    }
  }

  /** Ends a frame whose bytes are wrong. Without resync the error is fatal, with resync the search goes on. */
  #wrong(code: ErrorCode, error: () => ProtocolError): never {
    if (this.#search === undefined) {
      this.fail(error());
    }
    this.#search.lose(this.#candidate(), code);
    this.phase = Phase.search;
    throw NO_FRAME;
  }

  /**
   * Returns place and length of the unfinished frame, for the search. While the length of the frame is not
   * known, the longest head counts as its length. If the number of bytes that have come counted, the verdict
   * would depend on the cuts.
   */
  #candidate(): { readonly place: StreamPlace; readonly length: number } {
    const { before, prefixReadWidth, after } = this.layout;
    const isBody = this.phase === Phase.body;
    const head = before.length + prefixReadWidth + after.length;
    return { place: this.#place(), length: isBody ? this.#frameLength : head };
  }

  /** Reads and judges the head. Head → Body or Skip. Returns false when bytes are missing. */
  #readHead(): boolean {
    const { layout, queue } = this;
    const { before, after } = layout;
    if (this.#judgedOffset !== queue.offset) {
      this.#judgedOffset = queue.offset;
      this.#rightBefore = 0;
      this.#rightBehind = 0;
    }
    this.#rightBefore = this.#judgeFixed(before, 0, this.#rightBefore);
    if (queue.length < before.length) {
      return false;
    }
    if (!this.#readPrefix(before.length)) {
      return false;
    }
    const afterAt = before.length + this.#prefixWidth;
    const headLength = afterAt + after.length;
    const isChecked = layout.checksums.head.length > 0;
    if (!isChecked && !this.#judgeLength(headLength)) {
      return true;
    }
    this.#rightBehind = this.#judgeFixed(after, afterAt, this.#rightBehind);
    if (queue.length < headLength) {
      return false;
    }
    if (isChecked) {
      this.#judgeHeadChecksums(headLength);
      if (!this.#judgeLength(headLength)) {
        return true;
      }
    }
    const length = this.#declared - layout.counted;
    this.#rightBehind = 0;
    this.#headLength = headLength;
    this.#payloadLength = length;
    this.#frameLength = headLength + length + layout.trailer.length;
    this.phase = Phase.body;
    return true;
  }

  #judgeHeadChecksums(headLength: number): void {
    this.queue.gather(headLength);
    if (!this.#checksumsHold(this.layout.checksums.head, headLength, 0)) {
      this.#wrong('ERR_FRAME_CHECKSUM', () => errors.wrongHeadChecksum(this.#place(), headLength));
    }
  }

  /**
   * Compares the bytes of a section that have come with its fixed bytes. The first `right` bytes were
   * compared in earlier calls. Returns how many bytes are right now. A wrong byte ends the frame.
   */
  #judgeFixed(section: Section, offset: number, right: number): number {
    const { queue } = this;
    const { magic } = section;
    if (magic === undefined) {
      return right;
    }
    const present = Math.min(magic.length, queue.length - offset);
    for (let i = right; i < present; i++) {
      if (isRight(section, i, queue.byteAt(offset + i))) {
        continue;
      }
      this.#wrong('ERR_FRAME_MAGIC', () => {
        const seen = Uint8Array.from({ length: i + 1 }, (_, k) => queue.byteAt(offset + k));
        return errors.wrongMagic(this.#place(), section, seen);
      });
    }
    return Math.max(right, present);
  }

  #judgeTrailer(): void {
    const { trailer } = this.layout;
    if (trailer.magic === undefined) {
      return;
    }
    const at = this.#frameLength - trailer.length;
    this.#rightBehind = this.#judgeFixed(trailer, at, this.#rightBehind);
  }

  /**
   * Reads the prefix, which begins `at` bytes behind the front of the queue. Returns false when bytes of it
   * are missing.
   */
  #readPrefix(at: number): boolean {
    const { layout, queue } = this;
    const { code, width, custom } = layout.prefix;
    const available = Math.min(queue.length, at + layout.prefixReadWidth);
    queue.gather(available, true);
    const start = queue.at + at;
    const stop = queue.at + available;
    this.#prefixWidth = 0;
    if (code !== 0) {
      if (start + width > stop) {
        return false;
      }
      this.#prefixWidth = width;
      this.#declared = readFixed(code, queue.head, start);
      return true;
    }
    if (custom === undefined) {
      this.#readVarint(start, stop);
    } else {
      this.#readCustom(custom, start, stop);
    }
    if (this.#prefixWidth > 0) {
      return true;
    }
    if (stop - start < layout.prefixReadWidth) {
      return false;
    }
    return this.#wrong('ERR_PREFIX_MALFORMED', () =>
      errors.endlessPrefix(this.#place(), this.#head(start, stop)),
    );
  }

  #readVarint(start: number, stop: number): void {
    const { head } = this.queue;
    const width = varintWidthAt(head, start, stop);
    this.#prefixWidth = width;
    this.#declared = readVarint(head, start, width);
    if (!this.layout.prefix.minimal || !isOverlong(head, start, width)) {
      return;
    }
    const limit = varintWidth(this.#declared);
    this.#wrong('ERR_PREFIX_MALFORMED', () =>
      errors.overlongPrefix(this.#place(), { width, limit, minimal: true }),
    );
  }

  #readCustom(custom: LengthField, start: number, stop: number): void {
    const { queue } = this;
    const bytes = queue.view(queue.at, stop);
    const at = start - queue.at;
    let read: ReadLength | undefined;
    const { phase } = this;
    // This sets the phase as `call` does, but makes no function for each frame.
    this.phase = Phase.busy;
    try {
      read = readCustom(custom, bytes, at);
      this.phase = phase;
    } catch (thrown) {
      const bug = bugOf('prefix.read', thrown);
      const seen = thrown instanceof MalformedLength ? thrown.seen : undefined;
      this.phase = phase;
      if (bug !== undefined) {
        this.fail(bug);
      }
      this.#wrong('ERR_PREFIX_MALFORMED', () => {
        const stopAt = start + (seen ?? refusedAt(custom, bytes, at));
        return errors.refusedPrefix(this.#place(), thrown, this.#head(start, stopAt));
      });
    }
    if (read === undefined) {
      return;
    }
    this.#prefixWidth = read.width;
    this.#declared = read.length;
    this.flags = read.flags;
  }

  /** Judges the length that was read. Returns false when the frame is too large and will be skipped. */
  #judgeLength(headLength: number): boolean {
    const { layout } = this;
    const { minPayloadLength, maxPayloadLength, prefixCanonicalWidth: limit } = layout;
    const declared = this.#declared;
    const length = declared - layout.counted;
    if (this.flags !== 0 && layout.refusesFlags) {
      this.#wrong('ERR_PREFIX_MALFORMED', () => errors.refusedFlags(this.#place(), this.#head()));
    }
    if (!Number.isSafeInteger(declared) || length < minPayloadLength) {
      this.#wrong('ERR_FRAME_LENGTH_INVALID', () =>
        errors.invalidLength(this.#place(), declared, this.#head()),
      );
    }
    if (length > maxPayloadLength) {
      const error = (): ProtocolError => errors.tooLarge(this.#place(), length, this.#head());
      this.#skip('ERR_FRAME_TOO_LARGE', error, headLength + length + layout.trailer.length);
      return false;
    }
    if (this.#prefixWidth > limit) {
      const width = this.#prefixWidth;
      this.#wrong('ERR_PREFIX_MALFORMED', () =>
        errors.overlongPrefix(this.#place(), { width, limit, minimal: false }),
      );
    }
    return true;
  }

  /** Returns the prefix that an error is about. Default: the prefix that was read last. */
  #head(
    start: number = this.queue.at + this.layout.before.length,
    stop: number = start + this.#prefixWidth,
  ): { layout: FrameLayout; prefix: Uint8Array } {
    return { layout: this.layout, prefix: this.queue.head.subarray(start, stop) };
  }

  /**
   * Takes a whole frame. Body → Head. Returns false when a checksum of the frame is wrong and the frame will
   * be skipped.
   */
  #takeBody(): boolean {
    const { queue, layout } = this;
    const frameLength = this.#frameLength;
    queue.gather(frameLength);
    const { at } = queue;
    const payloadStart = at + this.#headLength;
    const payloadEnd = payloadStart + this.#payloadLength;
    if (!this.#checksumsHold(layout.checksums.frame, this.#headLength, this.#payloadLength)) {
      const error = (): ProtocolError => errors.wrongChecksum(this.#place(), frameLength);
      this.#skip('ERR_FRAME_CHECKSUM', error, frameLength);
      return false;
    }
    if (this.#search?.isOpen === true) {
      this.#report(this.#search.found(queue.offset));
    }
    this.phase = Phase.head;
    this.payloadStart = payloadStart;
    this.payloadEnd = payloadEnd;
    this.frameEnd = at + frameLength;
    this.pass();
    return true;
  }

  /** Whether these checksums of the frame in `queue.head` are right. */
  #checksumsHold(
    checksums: readonly FrameChecksum[],
    headLength: number,
    payloadLength: number,
  ): boolean {
    if (checksums.length === 0) {
      return true;
    }
    const { before, after, trailer } = this.layout;
    const { head, at } = this.queue;
    const trailerAt = headLength + payloadLength;
    const end = trailerAt + trailer.length;
    const starts = [0, before.length, headLength - after.length, headLength, trailerAt, end];
    const bytes = head.subarray(at, at + end);
    const { phase } = this;
    this.phase = Phase.busy;
    try {
      const hold = checksums.every((one) => checksumHolds(one, bytes, starts));
      this.phase = phase;
      return hold;
    } catch (error) {
      // `checksumsHold` throws only for a bug in a checksum function. The bug would come again with each
      // frame, so fail for good.
      if (isUnstickError(error)) {
        this.fail(error);
      }
      throw error;
    }
  }

  /**
   * Drops the bytes of a skipped frame that have come. Skip → Head. Returns false when the rest of the frame
   * is still to come.
   */
  #dropSkipped(): boolean {
    const { queue } = this;
    // Subtract from the whole length each time. A running count would be rounded above 2^53, and the result
    // would depend on the cuts.
    const left = this.#frameLength - (queue.offset - this.#skipOffset);
    if (queue.length < left) {
      queue.skip(queue.length);
      return false;
    }
    queue.skip(left);
    this.frameIndex++;
    this.phase = Phase.head;
    return true;
  }

  /**
   * Skips a wrong frame whose end is known: calls `onSkip` with the error, and goes to Skip. Without `onSkip`,
   * or with resync, ends the frame as `#wrong` does.
   */
  #skip(code: ErrorCode, error: () => ProtocolError, frameLength: number): void {
    const onSkip = this.#onSkip;
    if (onSkip === undefined || this.#search !== undefined) {
      this.#wrong(code, error);
    }
    const skipped = error();
    this.#skipOffset = this.queue.offset;
    this.#frameLength = frameLength;
    this.phase = Phase.busy;
    try {
      onSkip(skipped);
    } finally {
      this.phase = Phase.skip;
    }
  }

  #place(): StreamPlace {
    const byteOffset = this.phase === Phase.skip ? this.#skipOffset : this.queue.offset;
    return { byteOffset, frameIndex: this.frameIndex };
  }
}
