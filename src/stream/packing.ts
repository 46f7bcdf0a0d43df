// The slabs into which connections pack the small sends of a tick.
//
//   thread's spare slab ──the first send of a tick──▶ slab of a connection ──the kernel has it all──▶ spare
//
// Rules:
// - A slab is filled from front to back, and only once: whoever was given bytes of it may still read them.
// - While a connection has queued bytes, the slab is its own. So a remote that takes nothing keeps no bytes of
//   other connections in memory.
// - When the kernel has all bytes of a connection, the connection hands the rest of its slab on. So an idle
//   connection has no slab, and the thread has one spare slab for all of them.

/** Minimum and maximum length of a slab in bytes. */
const MIN_SLAB_LENGTH = 1024;
const MAX_SLAB_LENGTH = 64 * 1024;

/** The slab that the next connection takes, if it has enough room. */
let spare: Slab | undefined;

export class Slab {
  readonly bytes: Buffer;
  /** The packed bytes that are not yet written are `bytes[start..end)`. Pack further bytes at `end`. */
  start = 0;
  end = 0;

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafeSlow(length);
  }

  /** Number of bytes that can still be packed. It is 0 if the memory of the slab was transferred. */
  get room(): number {
    return this.bytes.buffer.byteLength - this.end;
  }

  /** Returns what is packed, to be written now, or `undefined` if nothing is packed. */
  takePacked(): Uint8Array | undefined {
    const { start, end } = this;
    this.start = end;
    return start === end ? undefined : this.bytes.subarray(start, end);
  }
}

/**
 * Returns a slab with room for `length` bytes, of which the caller expects to pack about `expected` in this
 * tick: the spare slab if it has room for them, or else a new one.
 */
export function slabFor(length: number, expected: number): Slab {
  const wanted = Math.max(length, Math.min(expected, MAX_SLAB_LENGTH));
  if (spare !== undefined && spare.room >= wanted) {
    const slab = spare;
    spare = undefined;
    return slab;
  }
  return new Slab(Math.max(wanted, MIN_SLAB_LENGTH));
}

/** Gives up a slab of which nothing is queued, so that another connection may pack into the rest of it. */
export function handOn(slab: Slab): void {
  if (spare === undefined || slab.room > spare.room) {
    spare = slab;
  }
}
