// One direction of a conversation: puts the payloads of TCP packets into the order of the stream.
//
//   delivered            hole         pending
//   ┌───────────────────┐            ┌──────────┐
//   │ 0 … next          │            │          │       next: the offset that is expected
//   └───────────────────┘            └──────────┘
//        ▲ old bytes: dropped, and compared with the delivered bytes
//
// Rules:
// - A packet fills a hole, or the hole becomes a gap. It becomes a gap if the receiver has acknowledged later
//   bytes, if too many bytes wait behind the hole, or at the end. Bytes that come for a gap later count as
//   old.
// - If bytes come twice, the bytes that were delivered first count. A difference is a conflict. Behind a hole,
//   the payload that begins first is delivered first, whenever it came. Wireshark does the same.
// - Offsets are counted from the first byte of the stream, so they go on where sequence numbers wrap.
// - A keep-alive probe repeats the byte in front of `next`, often with another value.

import type { History } from './history.ts';

/**
 * Functions that are called with the bytes, gaps and conflicts of a direction, in the order of the stream.
 */
export interface StreamSink {
  segment(offset: number, bytes: Uint8Array, time: number | undefined): void;
  gap(offset: number, length: number, why: 'lost' | 'cut'): void;
  conflict(offset: number, length: number): void;
}

/** Payload of one packet. `bytes` are the captured bytes, and `length` is the length on the wire. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly time: number | undefined;
}

interface Waiting extends Payload {
  readonly offset: number;
}

interface Delivered {
  readonly offset: number;
  readonly length: number;
  readonly position: number;
}

/** Number of the last delivered segments with which retransmissions are compared. */
const MAX_DELIVERED = 8;
/**
 * Maximum distance in bytes from `next` to an acknowledged byte. No TCP window is larger, so an
 * acknowledgement of a byte further ahead is ignored.
 */
const MAX_WINDOW = 2 ** 30;
/** Number of bytes of memory that a waiting payload costs besides its own bytes. */
const WAITING_COST = 128;

export class HalfStream {
  /** Sequence number of the SYN. `undefined` until it has come. */
  initial: number | undefined;
  /** Offset of the end of the stream. `undefined` until a FIN has come. */
  finAt: number | undefined;
  /** Memory in bytes that waiting payloads take. */
  waitingLength = 0;
  readonly #sink: StreamSink;
  readonly #history: History;
  #next = 0;
  /** Sequence number of the byte at `#next`. It is undefined until the first packet has come. */
  #sequence: number | undefined;
  /**
   * Whether the start was taken from a packet without payload. Such a packet may be a keep-alive probe, whose
   * sequence number is one too low.
   */
  #isTentative = false;
  #acknowledged = 0;
  /** Sequence number of a second SYN. */
  #alternative: number | undefined;
  #waiting: Waiting[] = [];
  #delivered: Delivered[] = [];

  constructor(sink: StreamSink, history: History) {
    this.#sink = sink;
    this.#history = history;
  }

  get hasStarted(): boolean {
    return this.#sequence !== undefined;
  }

  /** Whether no byte of the stream has come yet. */
  get isEmpty(): boolean {
    return this.#next === 0 && this.#waiting.length === 0;
  }

  /** Whether the whole stream was delivered, up to the FIN. */
  get isComplete(): boolean {
    return this.finAt !== undefined && this.#next >= this.finAt;
  }

  /** Sets the sequence number of the next byte. */
  start(sequence: number, isTentative = false): void {
    this.#sequence = sequence >>> 0;
    this.#isTentative = isTentative;
  }

  /**
   * Takes the sequence number of a SYN. A second SYN with another number counts only if the receiver
   * acknowledges that number.
   */
  synchronise(sequence: number): void {
    if (this.initial === undefined) {
      this.initial = sequence;
    } else if (this.initial !== sequence) {
      this.#alternative = sequence;
    }
  }

  /** Takes the payload of the packet with this sequence number. */
  accept(sequence: number, payload: Payload): void {
    if (this.#isTentative && payload.length > 0) {
      this.#isTentative = false;
      if (this.#distance(sequence) === 1) {
        this.start(sequence);
      }
    }
    const offset = this.#next + this.#distance(sequence);
    if (this.isComplete || payload.length === 0) {
      return;
    }
    if (offset > this.#next) {
      this.#wait({ ...payload, offset });
      return;
    }
    this.#deliver({ ...payload, offset });
    this.#drain();
  }

  /** Takes the sequence number of a FIN, at which the stream ends. Only the first FIN counts. */
  finish(sequence: number): void {
    this.finAt ??= Math.max(this.#next, this.#next + this.#distance(sequence));
  }

  /**
   * Takes an acknowledgement. The receiver has all bytes in front of this number, so holes in front of it
   * become gaps.
   */
  acknowledge(sequence: number): void {
    if (this.#alternative === (sequence - 1) >>> 0 && this.isEmpty) {
      this.initial = this.#alternative;
      this.start(sequence);
    }
    const distance = this.#distance(sequence);
    if (this.#sequence === undefined || distance > MAX_WINDOW) {
      return;
    }
    const offset = this.#next + distance;
    this.#acknowledged = Math.max(this.#acknowledged, offset);
    for (let [first] = this.#waiting; first !== undefined && first.offset < offset;) {
      this.giveUpHole();
      [first] = this.#waiting;
    }
  }

  /** Turns the first hole into a gap, and delivers the payloads that waited for it. */
  giveUpHole(): void {
    const [first] = this.#waiting;
    if (first !== undefined) {
      this.#gap(first.offset - this.#next, 'lost');
      this.#drain();
    }
  }

  /**
   * Ends the direction: turns all holes into gaps. If the receiver has acknowledged more bytes than came, the
   * missing bytes become a gap as well.
   */
  close(): void {
    while (this.#waiting.length > 0) {
      this.giveUpHole();
    }
    const missing = (this.finAt ?? this.#acknowledged) - this.#next;
    // If one byte is missing and no FIN was captured, there is no gap: an acknowledgement counts the FIN as
    // one byte.
    if (missing > 1 || (missing > 0 && this.finAt !== undefined)) {
      this.#gap(missing, 'lost');
    }
  }

  /** Returns the signed distance in bytes from the expected sequence number. Sequence numbers wrap. */
  #distance(sequence: number): number {
    return (sequence - (this.#sequence ?? sequence)) | 0;
  }

  #wait(payload: Waiting): void {
    const { offset, bytes } = payload;
    const after = this.#waiting.findLastIndex((other) => other.offset <= offset);
    const before = this.#waiting[after];
    if (before?.offset === offset && before.length >= payload.length && isEqual(before, payload)) {
      return;
    }
    // Copy the bytes, because the memory of the capture is reused for the next chunk of the file.
    this.#waiting.splice(after + 1, 0, { ...payload, bytes: new Uint8Array(bytes) });
    this.waitingLength += bytes.length + WAITING_COST;
  }

  #drain(): void {
    for (let [first] = this.#waiting; first !== undefined && first.offset <= this.#next;) {
      this.#waiting.shift();
      this.waitingLength -= first.bytes.length + WAITING_COST;
      this.#deliver(first);
      [first] = this.#waiting;
    }
  }

  /** Delivers the new bytes of a payload that begins at `#next` or earlier. */
  #deliver({ offset, bytes, length, time }: Waiting): void {
    const old = Math.min(this.#next - offset, length);
    const isProbe = old === 1 && length === 1;
    if (old > 0 && !isProbe) {
      this.#compare(offset, bytes.subarray(0, old));
    }
    const fresh = bytes.subarray(old);
    const cut = length - Math.max(old, bytes.length);
    if (fresh.length > 0) {
      this.#remember(fresh);
      this.#sink.segment(this.#next, fresh, time);
      this.#advance(fresh.length);
    }
    if (cut > 0) {
      this.#gap(cut, 'cut');
    }
  }

  #gap(length: number, why: 'lost' | 'cut'): void {
    this.#sink.gap(this.#next, length, why);
    this.#advance(length);
  }

  #advance(length: number): void {
    this.#next += length;
    this.#sequence = ((this.#sequence ?? 0) + length) >>> 0;
  }

  #remember(bytes: Uint8Array): void {
    const entry = {
      offset: this.#next,
      length: bytes.length,
      position: this.#history.record(bytes),
    };
    this.#delivered.push(entry);
    if (this.#delivered.length > MAX_DELIVERED) {
      this.#delivered.shift();
    }
  }

  /**
   * Compares bytes with the bytes that were delivered at this offset. Of each delivered segment, reports the
   * bytes from the first difference on as a conflict.
   */
  #compare(offset: number, bytes: Uint8Array): void {
    for (const entry of this.#delivered) {
      const from = Math.max(offset, entry.offset);
      const to = Math.min(offset + bytes.length, entry.offset + entry.length);
      if (from >= to) {
        continue;
      }
      const position = entry.position + from - entry.offset;
      const both = bytes.subarray(from - offset, to - offset);
      const different = this.#history.firstDifference(both, position);
      if (different !== -1) {
        this.#sink.conflict(from + different, both.length - different);
      }
    }
  }
}

function isEqual(before: Payload, payload: Payload): boolean {
  return payload.bytes.every((byte, i) => byte === before.bytes[i]);
}
