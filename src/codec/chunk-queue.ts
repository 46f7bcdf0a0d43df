// The queue of a decoder. Chunks go in, and runs of exactly as many bytes as the decoder wants come out.
//
// Goals:
// - A run inside one large chunk is a view of the chunk. Small chunks behind other bytes are packed, which
//   copies them once. A run across chunks is copied as well.
// - Thousands of 1-byte chunks share a few blocks of memory, so they do not cost an object each.
// - A rest of 3 bytes is copied, so that it does not keep its chunk of 64 KiB alive.
// - Memory grows with the bytes that have come, never with a declared length.
// - A long run is never held twice. As soon as a 16th of it has come, it gets its memory, and what comes is
//   copied there chunk by chunk. Without that, all its chunks would wait until they are joined.
//
// Plan: the front segment (`head`, from `at` to `end`) is public, so that the hot path of a decoder can read
// bytes and move `at` on without a call. The segments behind the front are a linked list. Large chunks are
// segments by reference. Small chunks are packed into blocks that the queue owns. No view shows the unused
// part of a block, so the queue may write there.
//
// Warning: the owner of a chunk or of a view can transfer or shrink its memory. `push` does not notice. A
// later read of such bytes throws ERR_CHUNK_DETACHED.

import { allocateLike, isBareClass, isSameClass, makeView, viewClassOf } from './allocate.ts';
import type { ViewClass } from './allocate.ts';
import type { Bytes } from './byte-types.ts';
import { isGone, NO_BYTES } from './bytes.ts';
import { chunkDetached } from './frame-errors.ts';
import { copyOf, pinsMore } from './pinning.ts';

interface Segment {
  bytes: Uint8Array;
  at: number;
  end: number;
  /** Number of bytes behind `end` that the queue may write. It is 0 for a chunk of the caller. */
  room: number;
  next: Segment | undefined;
}

/** Contiguous bytes: `bytes[at..end)`. */
export interface Run {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

const NOTHING = { bytes: NO_BYTES, at: 0, end: 0, room: 0 };

/** Length below which a loop over the bytes costs less than a call of `indexOf`. */
const SHORT_RUN_LENGTH = 16;
/**
 * Length below which chunks behind other bytes are copied into a block: an object for each would weigh as
 * much as its bytes.
 */
const SMALL_CHUNK_LENGTH = 4096;
/**
 * Minimum and maximum length of a block. A new block is as long as the bytes packed before it, within these
 * limits, so that little of the block is wasted.
 */
const MIN_BLOCK_LENGTH = 64;
const MAX_BLOCK_LENGTH = 65_536;
/**
 * Length of a run above which it is joined while it comes, and the part of it that must have come before. So
 * the memory of a run is at most 16 times what has come. The operating system adds no page to it before bytes
 * are copied there.
 */
const LONG_RUN_LENGTH = 1024 * 1024;
const EARLY_PART = 1 / 16;
/** Maximum length of memory that is kept for reuse: enough for a frame of 64 KiB and its head. */
const MAX_SPARE_LENGTH = 2 * MAX_BLOCK_LENGTH;

export class ChunkQueue {
  /** The front segment. The first bytes of the queue are `head[at..end)`. */
  head: Uint8Array = NO_BYTES;
  at = 0;
  end = 0;
  /**
   * Whether readers may keep views. While it is true, the queue never writes again to memory that a view
   * shows.
   */
  shared = true;
  /**
   * Memory into which the queue copies the rest of a chunk or joins a frame. The queue reuses this memory
   * while readers keep no views, and holds it only while bytes are buffered. The spare memory may be the head
   * itself. With spare memory, `scan` is 2.5 times as fast for frames of 4 KiB as with new memory for each
   * frame, and 3 to 4 times as fast for 64 KiB.
   */
  #spare: Uint8Array | undefined;
  /**
   * Memory and offset of the head, for `view`. Reading them from the typed array would halve the rate of
   * views.
   */
  #memory: ArrayBufferLike = NO_BYTES.buffer;
  #memoryOffset = 0;
  #viewClass: ViewClass = Uint8Array;
  /** Whether the constructor of `#viewClass` does only what that of Uint8Array does. */
  #isBare = true;
  #chunkClass: unknown;
  /** Number of bytes behind `end` in the head that the queue may write. It is 0 for a chunk of the caller. */
  #room = 0;
  /** Stream offset of `head[0]`. */
  #base = 0;
  #next: Segment | undefined;
  #last: Segment | undefined;
  /** Number of bytes in the segments behind the head. */
  #restLength = 0;
  /**
   * Number of bytes that `skip` has dropped so far. These are the bytes of skipped frames and between frames.
   */
  skippedLength = 0;
  /** Number of bytes packed since the last chunk that was kept by reference. */
  #packedRun = 0;
  /**
   * Whether there was no memory for a long run. From then on the chunks of long runs wait, too: each vain
   * request makes the engine collect all garbage.
   */
  #isScarce = false;
  /** The segment that `look` found last, and the stream offset of its first byte. */
  #looked: Segment | undefined;
  #lookedOffset = 0;

  get length(): number {
    return this.end - this.at + this.#restLength;
  }

  /** Offset in the whole stream of the first byte of the queue. */
  get offset(): number {
    return this.#base + this.at;
  }

  /** Makes a view of `head`, of the same class as the chunk: for a Buffer the view is a Buffer. */
  view(start: number, end: number): Bytes {
    const offset = this.#memoryOffset + start;
    return makeView(this.#viewClass, this.#isBare, this.#memory, offset, end - start);
  }

  push(chunk: Uint8Array): void {
    // The length of a chunk whose memory is gone may be its old one: see isGone.
    if (chunk[0] === undefined) {
      if (isGone(chunk)) {
        throw chunkDetached();
      }
      return;
    }
    const { length } = chunk;
    if (this.at === this.end && this.#next === undefined) {
      this.#setHead({ bytes: chunk, at: 0, end: length, room: 0 });
    } else if (length < SMALL_CHUNK_LENGTH || pinsMore(chunk.buffer.byteLength, length)) {
      this.#pack(chunk);
    } else {
      this.#refer(chunk);
    }
  }

  /**
   * Makes the first `count` bytes contiguous in `head`. The queue must have as many. `growing` says that the
   * caller will soon ask for a longer run: the queue then leaves room behind the run, so that it need not
   * move the run each time.
   */
  gather(count: number, growing = false): void {
    if (this.at === this.end) {
      this.#advance();
    }
    this.check();
    const have = this.end - this.at;
    if (have >= count) {
      return;
    }
    if (have + this.#room < count) {
      this.#moveHead(growing ? count + blockLength(count) : count);
    }
    while (this.end - this.at < count) {
      this.#fill(count - (this.end - this.at));
    }
  }

  /**
   * Whether the memory of the head was transferred, or shrunk so far that bytes of the head lie outside of
   * it. The getter asks the buffer, because the length of the array may be the old one: see isGone of bytes.ts.
   */
  get isGone(): boolean {
    return this.#memory.byteLength < this.#memoryOffset + this.end;
  }

  /** Throws ERR_CHUNK_DETACHED when the memory of the head is gone and bytes of it are unread. */
  check(): void {
    if (this.isGone && this.at < this.end) {
      throw chunkDetached();
    }
  }

  /**
   * Returns the byte at `index`, which the queue must have. This walks the segments, so use it for a few
   * bytes only.
   */
  byteAt(index: number): number {
    let bytes = this.head;
    let at = this.at + index;
    let { end } = this;
    for (let next = this.#next; at >= end && next !== undefined; next = next.next) {
      at += next.at - end;
      ({ bytes, end } = next);
    }
    const byte = bytes[at];
    if (byte === undefined) {
      throw chunkDetached();
    }
    return byte;
  }

  /**
   * Returns the bytes from `index` on, as far as they are contiguous, or `undefined` when the queue has none
   * there. Each call starts at the segment that the previous call found, so that a search through many chunks
   * is linear.
   */
  look(index: number): Run | undefined {
    const at = this.at + index;
    if (at < this.end) {
      this.check();
      return { bytes: this.head, at, end: this.end };
    }
    const wanted = this.#base + at;
    let segment = this.#looked;
    let offset = this.#lookedOffset;
    if (segment === undefined || wanted < offset + segment.at) {
      segment = this.#next;
      offset = this.#base + this.end - (segment?.at ?? 0);
    }
    while (segment !== undefined && wanted >= offset + segment.end) {
      offset += segment.end - (segment.next?.at ?? 0);
      segment = segment.next;
    }
    if (segment === undefined) {
      return undefined;
    }
    if (isCut(segment)) {
      throw chunkDetached();
    }
    this.#looked = segment;
    this.#lookedOffset = offset;
    return { bytes: segment.bytes, at: wanted - offset, end: segment.end };
  }

  /** Drops `count` bytes from the front. The queue must have as many. */
  skip(count: number): void {
    this.skippedLength += count;
    let left = count;
    while (left > this.end - this.at) {
      left -= this.end - this.at;
      this.at = this.end;
      this.#advance();
    }
    this.at += left;
  }

  /** Takes the next contiguous bytes, at most `limit`, as a view. The view is empty when there are none. */
  shift(limit: number): Bytes {
    if (this.at === this.end) {
      this.#advance();
    }
    this.check();
    const start = this.at;
    this.at = Math.min(this.end, start + limit);
    return this.view(start, this.at);
  }

  /**
   * Frees memory: moves on from a head that was read, and copies a small rest of a large chunk, so that the
   * queue no longer keeps the chunk alive. Call this before waiting. `awaited` is the length of the run that
   * the caller waits for, if it knows it: a long run is then joined while it comes.
   */
  settle(awaited = 0): void {
    const isDue = awaited > LONG_RUN_LENGTH && this.length >= awaited * EARLY_PART;
    if (isDue && !this.#isScarce && this.#begin(awaited)) {
      return;
    }
    const have = this.end - this.at;
    if (have === 0) {
      if (this.#next !== undefined) {
        return this.#advance();
      }
      if (this.head === NO_BYTES) {
        return;
      }
      this.#spare = undefined;
      this.#setHead(NOTHING);
    } else if (this.head !== this.#spare && pinsMore(this.#memory.byteLength, have)) {
      this.#own();
    }
  }

  /** Tells the queue that readers keep no views from now on, so that the queue may reuse its own memory. */
  unshare(): void {
    this.shared = false;
    this.#spare = undefined;
  }

  /**
   * Copies the unread bytes of `chunk`, which was pushed last, because its owner will reuse the memory. Then
   * frees memory as `settle` does.
   */
  forget(chunk: Uint8Array, awaited = 0): void {
    const last = this.#last;
    if (last?.bytes === chunk) {
      last.bytes = copyOf(chunk);
    } else if (this.head === chunk && this.at < this.end) {
      this.#own();
    }
    this.settle(awaited);
  }

  /** Empties the queue and returns the bytes that were in it, in pieces. */
  takeAll(): Uint8Array[] {
    this.settle();
    const segments: Uint8Array[] = [];
    while (this.length > 0) {
      segments.push(this.shift(Infinity));
    }
    this.settle();
    return segments;
  }

  /**
   * Joins what has come of a run in memory for the whole run. Returns false, and changes nothing, if there is
   * no such memory.
   */
  #begin(length: number): boolean {
    if (this.at === this.end) {
      this.#advance();
    }
    if (this.end - this.at + this.#room < length) {
      try {
        this.#moveHead(length);
      } catch (error) {
        if (error instanceof RangeError) {
          this.#isScarce = true;
          return false;
        }
        throw error;
      }
    }
    this.gather(Math.min(length, this.length));
    return true;
  }

  #setHead({ bytes, at, end, room }: Omit<Segment, 'next'>): void {
    this.#base += this.end - at;
    this.#setMemory(bytes);
    this.at = at;
    this.end = end;
    this.#room = room;
  }

  #setMemory(bytes: Uint8Array): void {
    this.head = bytes;
    this.#memory = bytes.buffer;
    this.#memoryOffset = bytes.byteOffset;
    // The class of the views follows from the class of the chunk. The chunks of a stream mostly have one class,
    // so look the class of the views up only when the class of the chunk changes: a look-up for each chunk
    // would cost 7 % of a scan of 4 KiB frames. An empty queue makes no views.
    if (bytes === NO_BYTES || bytes.constructor === this.#chunkClass) {
      return;
    }
    this.#chunkClass = bytes.constructor;
    this.#viewClass = viewClassOf(bytes);
    this.#isBare = isBareClass(this.#viewClass, bytes);
  }

  /** Makes the next segment the head, if there is one. All bytes of the head must have been read. */
  #advance(): void {
    const segment = this.#next;
    if (segment === undefined) {
      return;
    }
    this.#setHead(segment);
    this.#restLength -= segment.end - segment.at;
    this.#drop(segment);
  }

  /** Takes the first segment behind the head out of the list. */
  #drop(first: Segment): void {
    this.#next = first.next;
    if (first === this.#looked) {
      this.#looked = undefined;
    }
    if (first.next === undefined) {
      this.#last = undefined;
    }
  }

  #append(segment: Segment): void {
    if (this.#last === undefined) {
      this.#next = segment;
    } else {
      this.#last.next = segment;
    }
    this.#last = segment;
    this.#restLength += segment.end - segment.at;
  }

  #refer(chunk: Uint8Array): void {
    this.#packedRun = 0;
    this.#append({ bytes: chunk, at: 0, end: chunk.length, room: 0, next: undefined });
  }

  /** Copies a chunk behind the last byte of the queue. */
  #pack(chunk: Uint8Array): void {
    const { length } = chunk;
    this.#packedRun += length;
    const last = this.#last;
    if (last === undefined && this.#room >= length && !this.isGone) {
      this.head.set(chunk, this.end);
      this.end += length;
      this.#room -= length;
    } else if (last !== undefined && last.room >= length && !isCut(last)) {
      last.bytes.set(chunk, last.end);
      last.end += length;
      last.room -= length;
      this.#restLength += length;
    } else {
      const run = Math.min(this.#packedRun, this.length);
      const bytes = allocateLike(chunk, Math.max(length, blockLength(run)));
      bytes.set(chunk);
      this.#append({ bytes, at: 0, end: length, room: bytes.length - length, next: undefined });
    }
  }

  /**
   * Moves the bytes of the head to the front of memory that the queue owns and that has `length` bytes or
   * more.
   */
  #moveHead(length: number): void {
    this.check();
    const have = this.end - this.at;
    const target = this.#memoryFor(length);
    if (have > 0) {
      target.set(this.view(this.at, this.end));
    }
    this.#base += this.at;
    this.#setMemory(target);
    this.at = 0;
    this.end = have;
    this.#room = target.length - have;
  }

  /** Returns the spare memory if it may be reused and is long enough, else new memory. */
  #memoryFor(length: number): Uint8Array {
    const spare = this.#spare;
    const { head, shared } = this;
    if (!shared && spare !== undefined && spare.length >= length && isSameClass(spare, head)) {
      return spare;
    }
    const fresh = allocateLike(head, length);
    this.#spare = shared || length > MAX_SPARE_LENGTH ? undefined : fresh;
    return fresh;
  }

  /** Moves at most `count` bytes from the next segment into the room of the head. */
  #fill(count: number): void {
    const segment = this.#next;
    if (segment === undefined) {
      return;
    }
    const { at } = segment;
    if (isCut(segment)) {
      throw chunkDetached();
    }
    const moved = Math.min(count, segment.end - at);
    this.head.set(segment.bytes.subarray(at, at + moved), this.end);
    this.end += moved;
    this.#room -= moved;
    this.#restLength -= moved;
    segment.at += moved;
    if (segment.at === segment.end) {
      this.#drop(segment);
    }
  }

  /** Moves the bytes of the head into a block of the queue, with room for about as many more. */
  #own(): void {
    const have = this.end - this.at;
    this.#moveHead(have + blockLength(have));
  }
}

/**
 * Returns the index of the first `byte` in a run from `from` on, or -1. Behind the run there may be unused
 * memory of a block. A plain `indexOf` would search that memory as well, again for each byte that comes, so
 * this search stops at the end of the run.
 */
export function indexInRun({ bytes, end }: Run, byte: number, from: number): number {
  if (end - from < SHORT_RUN_LENGTH) {
    for (let i = from; i < end; i++) {
      if (bytes[i] === byte) {
        return i;
      }
    }
    return -1;
  }
  return (end < bytes.length ? bytes.subarray(0, end) : bytes).indexOf(byte, from);
}

/**
 * Whether the memory of a segment was transferred, or shrunk so far that bytes of the segment lie outside of
 * it.
 */
function isCut({ bytes, end }: Segment): boolean {
  return bytes.buffer.byteLength < bytes.byteOffset + end;
}

/** Returns the length of a block after `held` packed bytes, within the limits. */
function blockLength(held: number): number {
  return Math.min(Math.max(held, MIN_BLOCK_LENGTH), MAX_BLOCK_LENGTH);
}
