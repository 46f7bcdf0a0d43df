// For decoders that attach themselves to a socket: a stream that takes bytes on its writable side, lets
// them come out of a socket-like stream, and gives what the decoder emits on its readable side.

import { Duplex } from 'node:stream';

/** What a decoder is attached to: bytes come out of it; what is written to it goes nowhere. */
class Incoming extends Duplex {
  override _read(): void {
    // Bytes are pushed as they come.
  }

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }

  setKeepAlive(): this {
    return this;
  }
}

/** Where an attached decoder puts what it finds. */
export interface Outlet {
  value(value: unknown): void;
  fail(error: Error): void;
}

/** Attaches a decoder to a socket. */
export type Attach = (socket: Duplex, outlet: Outlet) => void;

/** How often the event loop turns before bytes count as handled, and before an end does. */
const turns = { chunk: 1, end: 4 };

function after(count: number, done: () => void): void {
  if (count === 0) done();
  else setImmediate(() => after(count - 1, done));
}

class Bridge extends Duplex {
  readonly #socket = new Incoming();

  constructor(attach: Attach) {
    super({ readableObjectMode: true });
    this.#socket.on('error', (error) => this.destroy(error));
    attach(this.#socket, {
      value: (value) => void this.push(value),
      fail: (error) => void this.destroy(error),
    });
  }

  override _read(): void {
    // Values are pushed as they come: most such decoders know no backpressure.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // A readable stream takes an empty chunk for nothing.
    this.#socket.push(chunk);
    after(turns.chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.push(null);
    after(turns.end, () => {
      this.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/** A target for proveDecoder of a decoder that wants a socket. */
export function overSocket(attach: Attach): { readonly transform: () => Duplex } {
  return { transform: () => new Bridge(attach) };
}
