// Two duplexes that are each other's other side, with nothing of a socket about them.

import { Duplex } from 'node:stream';
import type { DuplexOptions } from 'node:stream';

class Side extends Duplex {
  other: Side | undefined;

  override _read(): void {
    // Bytes are pushed as they are written.
  }

  override _write(bytes: Buffer, _: string, done: () => void): void {
    this.other?.push(bytes);
    done();
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }
}

export function duplexPair(options: DuplexOptions = {}): [Duplex, Duplex] {
  const [near, far] = [new Side(options), new Side(options)];
  near.other = far;
  far.other = near;
  return [near, far];
}
