// Memory into which one socket of a long transfer is read. New memory for each read costs page faults.
//
//   kernel ──▶ current slab ──┬─ a long read ──▶ the slab itself is passed on; another becomes current
//                             └─ a short read ─▶ a copy is passed on; the slab stays current
//
//   passed on ──giveBack──▶ spent ──reclaim, when it was sent──▶ free ──▶ current
//
// Rule: a slab is filled again only after `reclaim`, which says that the bytes given back have been sent.

import type { Socket } from 'node:net';
import { readInto } from '../read-into.ts';

/** Length in bytes of a slab: what Node reads at once from a socket. */
export const SLAB_LENGTH: number = 64 * 1024;
/** Length in bytes below which a read is copied. A slab that waits with few bytes would waste the rest. */
const SHORT_READ = 16 * 1024;

export class Slabs {
  #current: Buffer = newSlab();
  #free: Buffer[] = [];
  #spent: Buffer[] = [];
  /**
   * The memory of slabs whose bytes are under way. It is weak, because a slab does not come back if Node
   * joined its bytes with others.
   */
  readonly #out = new WeakSet<ArrayBufferLike>();

  /** Makes the socket read into slabs from its next read on, where Node can do that. */
  constructor(socket: Socket) {
    readInto(socket, {
      buffer: () => this.#current,
      callback: (length) => socket.push(this.#passOn(length)),
    });
  }

  /** Called with a chunk of the socket of which no byte is needed any more after the next `reclaim`. */
  giveBack(chunk: Uint8Array): void {
    if (this.#out.delete(chunk.buffer)) {
      this.#spent.push(Buffer.from(chunk.buffer));
    }
  }

  /** Called when all chunks that were given back have been sent. */
  reclaim(): void {
    this.#free.push(...this.#spent);
    this.#spent = [];
  }

  #passOn(length: number): Buffer {
    const slab = this.#current;
    if (length < SHORT_READ) {
      return Buffer.from(slab.subarray(0, length));
    }
    this.#current = this.#free.pop() ?? newSlab();
    this.#out.add(slab.buffer);
    return slab.subarray(0, length);
  }
}

function newSlab(): Buffer {
  return Buffer.allocUnsafeSlow(SLAB_LENGTH);
}
