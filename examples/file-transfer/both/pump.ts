// File to channel, channel to file: the loops that all bytes go through. Each holds a few chunks, however
// long the file is, and waits for the slower of disk and network.

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
  /** Called for every chunk that has passed. */
  readonly onBytes: (length: number) => void;
}

export interface Stretch extends Watched {
  readonly from: number;
  /** What the file was when its length was announced. */
  readonly begun: BigIntStats;
}

/**
 * Sends a file from byte `from`, and ends the channel, if the file is still the one that was begun: else
 * what was sent is a mixture of two.
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
    // The disk reads on while this chunk is hashed and sent.
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

/** Appends everything that comes to a part file, which must not become longer than `size`. */
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
  // It is awaited a turn later, or never, when sending fails first.
  reading.catch(() => undefined);
  return reading;
}

/** Bytes that the channel has been given and not yet taken: one chunk on its way, and one behind it. */
const MAX_AHEAD = CHUNK_LENGTH;

/**
 * Writes, and waits while too much is ahead. (To wait for 'drain' would be to wait until nothing is: then
 * hashing and sending never happen at the same time.)
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
