// The loops from a file to a channel and from a channel to a file. Each loop holds a few chunks in memory,
// whatever the length of the file, and waits for the slower of disk and network.

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CHUNK_LENGTH } from './checksums.ts';
import type { Checksums } from './checksums.ts';
import type { PartFile } from './part-file.ts';
import { Refusal } from './refusal.ts';

export interface Watched {
  readonly sums: Checksums;
  /** Gets the length of every chunk that has passed. */
  readonly onBytes: (length: number) => void;
}

export interface Stretch extends Watched {
  readonly from: number;
  /** The facts of the file when its length was announced. */
  readonly begun: BigIntStats;
}

/**
 * Sends a file from byte `from`, and ends the channel. Refuses if the file changed in the meantime, because
 * the sent bytes would be a mixture of two versions.
 */
export async function sendFile(file: FileHandle, out: Writable, stretch: Stretch): Promise<void> {
  const { from, begun, sums, onBytes } = stretch;
  const to = Number(begun.size);
  const sluice = new Sluice(out);
  const buffers = new Buffers();
  let position = from;
  let next = read(file, buffers.take(), { position, to });
  while (position < to) {
    const chunk = await next;
    if (chunk.length === 0) {
      throw changed();
    }
    position += chunk.length;
    // Read the next chunk from the disk while this one is hashed and sent.
    next = read(file, buffers.take(), { position, to });
    for (let at = 0; at < chunk.length; at += SLICE_LENGTH) {
      const slice = chunk.subarray(at, at + SLICE_LENGTH);
      sums.update(slice);
      const isLast = at + SLICE_LENGTH >= chunk.length;
      await sluice.write(slice, isLast ? () => buffers.giveBack(chunk) : undefined);
    }
    onBytes(chunk.length);
  }
  const now = await file.stat({ bigint: true });
  if (now.size !== begun.size || now.mtimeNs !== begun.mtimeNs) {
    throw changed();
  }
  out.end();
  await finished(out, { readable: false });
}

/** Appends all bytes of `input` to a part file and adds them to the sums. Refuses a length beside `size`. */
export async function receiveFile(
  input: Readable,
  part: PartFile,
  { size, sums, onBytes }: Watched & { readonly size: number },
): Promise<void> {
  for await (const chunk of input.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError('A channel gives bytes');
    }
    if (part.length + chunk.length > size) {
      throw new Refusal('E_LENGTH', `More bytes came than the ${size} that were announced.`);
    }
    sums.update(chunk);
    await part.append(chunk);
    onBytes(chunk.length);
  }
  await part.flush();
  if (part.length < size) {
    throw new Refusal('E_LENGTH', `Only ${part.length} of ${size} bytes came.`);
  }
}

function changed(): Refusal {
  return new Refusal('E_CHANGED', 'The file changed while it was sent; send it again.');
}

/**
 * Memory for reads, which is used again when its bytes are sent. New memory for each read costs page faults
 * and garbage collections.
 */
class Buffers {
  readonly #free: ArrayBufferLike[] = [];

  take(): Uint8Array {
    return new Uint8Array(this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_LENGTH).buffer);
  }

  giveBack({ buffer }: Uint8Array): void {
    this.#free.push(buffer);
  }
}

function read(
  file: FileHandle,
  memory: Uint8Array,
  { position, to }: { readonly position: number; readonly to: number },
): Promise<Uint8Array> {
  const length = Math.min(CHUNK_LENGTH, to - position);
  if (length === 0) {
    return Promise.resolve(new Uint8Array(0));
  }
  const reading = file
    .read(memory, 0, length, position)
    .then(({ bytesRead }) => memory.subarray(0, bytesRead));
  // The caller awaits it later, or never if sending fails first. So handle its error here, too.
  reading.catch(() => undefined);
  return reading;
}

/**
 * Maximum number of bytes that are hashed before the event loop turns and sends. While this side hashes a
 * slice, the other side hashes the one before. With slices of a whole read, one side would always wait for
 * the other.
 */
const SLICE_LENGTH = 128 * 1024;

/** Number of bytes that may wait in the channel while the next slice is hashed: one slice. */
const MAX_AHEAD = SLICE_LENGTH;

/**
 * Writes slices, and waits while more than MAX_AHEAD bytes are unsent. ('drain' comes only when no bytes
 * wait, so with it hashing and sending would never happen at the same time.)
 */
class Sluice {
  readonly #out: Writable;
  #ahead = 0;
  #wake: () => void = () => undefined;

  constructor(out: Writable) {
    this.#out = out;
    out.once('close', () => this.#wake());
  }

  /** Calls `onSent` when the bytes are sent and may be overwritten, and never if sending fails. */
  async write(slice: Uint8Array, onSent?: () => void): Promise<void> {
    this.#ahead += slice.length;
    this.#out.write(slice, (error) => {
      this.#ahead -= slice.length;
      if (!error) {
        onSent?.();
      }
      this.#wake();
    });
    while (this.#ahead > MAX_AHEAD && !this.#out.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#out.destroyed) {
      throw this.#out.errored ?? new Error('The channel was closed');
    }
  }
}
