// Two ends of a connection in memory. The bytes that one end writes reach the other end in pieces; the test
// chooses the size of each piece and when it passes. For tests that would be too slow with sockets.

import { Duplex } from 'node:stream';
import { callbackify } from 'node:util';

class End extends Duplex {
  readonly #nextSize: () => number;
  readonly #pass: () => Promise<unknown>;
  other: End | undefined;
  #onRead: (() => void) | undefined;

  constructor(nextSize: () => number, pass: () => Promise<unknown>) {
    super({ allowHalfOpen: true });
    this.#nextSize = nextSize;
    this.#pass = pass;
  }

  override _read(): void {
    this.#go();
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    callbackify(() => this.#carry(bytes))(done);
  }

  override _final(done: (error?: Error | null) => void): void {
    callbackify(async () => {
      await this.#pass();
      this.other?.push(null);
    })(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#go();
    const { other } = this;
    this.other = undefined;
    // The other end is destroyed too, as after a reset.
    if (other !== undefined && !other.readableEnded) {
      setImmediate(() => other.destroy());
    }
    done(error);
  }

  #go(): void {
    const go = this.#onRead;
    this.#onRead = undefined;
    go?.();
  }

  async #carry(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const size = Math.max(1, this.#nextSize());
      await this.#pass();
      const { other } = this;
      if (other === undefined || other.destroyed) {
        return;
      }
      const hasRoom = other.push(Buffer.from(bytes.subarray(at, at + size)));
      at += size;
      if (!hasRoom) {
        await other.#room();
      }
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRead = resolve;
    });
  }
}

/** `nextSize` gives the length of the next piece. `pass` is awaited before every piece and before the end. */
export function cutPair(
  nextSize: () => number,
  pass: () => Promise<unknown> = () => Promise.resolve(),
): [Duplex, Duplex] {
  const near = new End(nextSize, pass);
  const far = new End(nextSize, pass);
  near.other = far;
  far.other = near;
  return [near, far];
}
