// Two ends of a message stream, and bodies to send through them.

import { Readable } from 'node:stream';
import { messages, messageStream } from '../../src/entries/main.ts';
import type { MessageStream } from '../../src/entries/main.ts';
import { join } from './bytes.ts';
import { tcpPair } from './sockets.ts';
import type { Pair } from './sockets.ts';
import { turns } from './waiting.ts';

const codec = messages();

/** The bytes of one message. */
export function encoded(
  header: Record<string, unknown>,
  body: Uint8Array | string = '',
): Uint8Array {
  return join(codec.encode({ header, body }));
}

export interface Streams extends Pair {
  readonly a: MessageStream<Record<string, unknown>>;
  readonly b: MessageStream<Record<string, unknown>>;
}

export async function streams(): Promise<Streams> {
  const pair = await tcpPair();
  return { ...pair, a: messageStream(pair.near), b: messageStream(pair.far) };
}

/** A body that gives one piece per turn of the event loop. */
export async function* pieces(
  ...given: (string | Uint8Array)[]
): AsyncGenerator<string | Uint8Array> {
  for (const piece of given) {
    await turns(1);
    yield piece;
  }
}

/** The body "before". Its second half comes when the gate opens. */
export async function* gated(gate: Promise<void>): AsyncGenerator<string> {
  yield 'bef';
  await gate;
  yield 'ore';
}

/** A source that gives one byte and then neither more bytes nor its end. */
export function stalled(): Readable {
  const source = new Readable({ read: () => undefined });
  source.push('1');
  return source;
}

/** A body of `count` blocks of 1 MiB. */
export function* blocks(count: number): Generator<Buffer> {
  for (let i = 0; i < count; i++) {
    yield Buffer.alloc(1024 * 1024);
  }
}
