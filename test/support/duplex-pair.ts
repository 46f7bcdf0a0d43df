// Two duplexes in memory: what is written to one is read from the other. They have no methods of sockets.

import { Duplex } from 'node:stream';
import type { DuplexOptions } from 'node:stream';

class Side extends Duplex {
  other: Side | undefined;

  override _read(): void {
    // Nothing to do: `_write` of the other side pushes the bytes.
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
