// For decoders that attach themselves to a socket: a function over async iterables that lets chunks
// come out of a socket-like stream, and yields what the decoder emits. Nothing that was emitted before
// an error is lost here: what is lost, the decoder lost.

import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** What a decoder is attached to: bytes come out of it; what is written to it goes nowhere. */
class Incoming extends Duplex {
  override _read(): void {
    // Bytes are pushed as they come.
  }

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

/** Where an attached decoder puts what it finds. */
export interface Outlet {
  readonly value: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** Attaches a decoder to a socket; gives a promise of its end if it has one. */
export type Attach = (socket: Duplex, outlet: Outlet) => Promise<unknown> | void;

/** How often the event loop turns until a chunk, an error or an end that has no event counts as handled. */
const TURNS_TO_SETTLE = 4;

async function settle(): Promise<void> {
  for (let count = 0; count < TURNS_TO_SETTLE; count++) {
    await turn();
  }
}

/** Values and an error on their way from a decoder to the proof. */
class Findings implements Outlet {
  #values: unknown[] = [];
  #failure: { readonly error: Error } | undefined;

  readonly value = (value: unknown): void => {
    this.#values.push(value);
  };

  readonly fail = (error: Error): void => {
    this.#failure ??= { error };
  };

  /** What came since the last call; then the error, if there was one, and what it had overtaken. */
  async *drain(): AsyncGenerator<unknown, void, undefined> {
    if (this.#failure !== undefined) {
      await settle();
    }
    yield* this.#values.splice(0);
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }
}

/** A target for proveDecoder of a decoder that wants a socket. */
export function overSocket(attach: Attach): {
  readonly iterable: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<unknown>;
} {
  return {
    async *iterable(chunks) {
      const socket = new Incoming();
      const findings = new Findings();
      socket.on('error', findings.fail);
      const over = attach(socket, findings)?.catch(findings.fail);
      try {
        for await (const chunk of chunks) {
          socket.push(chunk);
          await settle();
          yield* findings.drain();
        }
        socket.push(null);
        await (over ?? settle());
        yield* findings.drain();
      } finally {
        socket.destroy();
      }
    },
  };
}
