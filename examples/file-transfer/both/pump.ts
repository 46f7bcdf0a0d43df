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
  let position = from;
  let next = read(file, position, to);
  while (position < to) {
    const chunk = await next;
    if (chunk.length === 0) {
      throw changed();
    }
    position += chunk.length;
    // Read the next chunk from the disk while this one is hashed and sent.
    next = read(file, position, to);
    sums.update(chunk);
    await sluice.write(chunk);
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

function read(file: FileHandle, position: number, to: number): Promise<Uint8Array> {
  const length = Math.min(CHUNK_LENGTH, to - position);
  if (length === 0) {
    return Promise.resolve(new Uint8Array(0));
  }
  const reading = file
    .read(Buffer.allocUnsafe(length), 0, length, position)
    .then(({ buffer, bytesRead }) => buffer.subarray(0, bytesRead));
  // The caller awaits it later, or never if sending fails first. So handle its error here, too.
  reading.catch(() => undefined);
  return reading;
}

/** Number of bytes that may wait in the channel while the next chunk is hashed: one chunk. */
const MAX_AHEAD = CHUNK_LENGTH;

/**
 * Writes chunks, and waits while more than MAX_AHEAD bytes are unsent. ('drain' comes only when no bytes
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

  async write(chunk: Uint8Array): Promise<void> {
    this.#ahead += chunk.length;
    this.#out.write(chunk, () => {
      this.#ahead -= chunk.length;
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
