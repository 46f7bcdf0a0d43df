// Makes a target for proveDecoder out of a decoder that attaches itself to a socket. The chunks come out of a
// stream that looks like a socket, and the target yields what the decoder emits. Nothing that the decoder
// emitted before an error is lost here, so if values are missing, the decoder lost them.

import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** The stream that a decoder is attached to. The chunks come out of it; bytes written to it are dropped. */
class Incoming extends Duplex {
  override _read(): void {
    // Bytes are pushed as they come.
  }

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

/** Takes the values and the error of an attached decoder. */
export interface Outlet {
  readonly value: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** Attaches a decoder to a socket. Returns a promise of the decoder's end if the decoder reports its end. */
export type Attach = (socket: Duplex, outlet: Outlet) => Promise<unknown> | void;

/** Number of turns of the event loop after which a chunk, an error or an end counts as handled. */
const TURNS_TO_SETTLE = 4;

async function settle(): Promise<void> {
  for (let count = 0; count < TURNS_TO_SETTLE; count++) {
    await turn();
  }
}

/** Collects the values and the first error of a decoder for the proof. */
class Findings implements Outlet {
  #values: unknown[] = [];
  #failure: { readonly error: Error } | undefined;

  readonly value = (value: unknown): void => {
    this.#values.push(value);
  };

  readonly fail = (error: Error): void => {
    this.#failure ??= { error };
  };

  /**
   * Yields the values since the last call, also those that come shortly after an error. Then throws the
   * error.
   */
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

/** Makes a target for proveDecoder out of a decoder that needs a socket. */
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
