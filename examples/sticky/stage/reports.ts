// The reports that the programs send to the demo. A program that was started by hand prints its reports.

import { inspect } from 'node:util';
import { onOneLine, shownLines } from '../../support/shown.ts';

export interface Memory {
  /** Resident size before the work, in bytes. */
  readonly start: number;
  /** The largest size that was seen. */
  readonly peak: number;
  /** The size after each piece of the work. */
  readonly samples: readonly number[];
}

export type Report =
  /** A server listens. */
  | { readonly kind: 'ready'; readonly port: number }
  /** The naive client took one recv() for the answer to a command. */
  | { readonly kind: 'naive-answer'; readonly bytes: Uint8Array }
  /** The bytes that the naive client never read, up to the end of the connection. */
  | { readonly kind: 'left-over'; readonly bytes: Uint8Array }
  /** A client has received this many bytes on a connection. The cutter then sends the bytes after its cut. */
  | { readonly kind: 'seen'; readonly connection: number; readonly bytes: number }
  /** A client has its answer, or an error instead. */
  | {
      readonly kind: 'outcome';
      readonly connection: number;
      readonly chunks: readonly number[];
      readonly answer?: string;
      readonly error?: string;
    }
  /** The server on unstick has sent all output of a command. */
  | {
      readonly kind: 'served';
      readonly length: number;
      readonly sha256: string;
      readonly memory: Memory;
    }
  /** The client on unstick has all output of a command. */
  | {
      readonly kind: 'received';
      readonly length: number;
      readonly sha256: string;
      readonly exit: number;
      /** The beginning of the output. */
      readonly text: string;
      readonly memory: Memory;
      /** Lengths of the chunks of the answer, and of its messages on the wire. */
      readonly chunks: readonly number[];
      readonly pieces: readonly number[];
    }
  /** Lengths that the receiver of cures.ts took for messages on one connection. */
  | { readonly kind: 'taken'; readonly lengths: readonly number[] };

export function report(what: Report): void {
  if (process.send === undefined) {
    console.log(shownLines(readable(what)));
  } else {
    process.send(what, undefined, undefined, endWhenLost);
  }
}

function readable(what: Report): string {
  if (what.kind === 'ready') {
    return `listening on 127.0.0.1:${what.port}`;
  }
  const hasBytes = 'bytes' in what && what.bytes instanceof Uint8Array;
  const shown = hasBytes ? { ...what, bytes: onOneLine(what.bytes) } : what;
  return inspect(shown, { breakLength: 100, maxArrayLength: 6, maxStringLength: 80 });
}

/** Ends this program when its parent no longer listens. */
function endWhenLost(error: Error | null): void {
  if (error !== null) {
    process.exit(1);
  }
}

/** Collects the resident size of this process. Call sample() after each piece of its work. */
export class MemoryGauge {
  readonly #start = process.memoryUsage.rss();
  readonly #samples: number[] = [];

  sample(): void {
    this.#samples.push(process.memoryUsage.rss());
  }

  get memory(): Memory {
    const peak = this.#samples.reduce((most, size) => Math.max(most, size), this.#start);
    return { start: this.#start, peak, samples: this.#samples };
  }
}
