// One small value is one write. Head and body in two writes would cost 40 ms a turn, because Nagle's
// algorithm waits for a delayed acknowledgement. The tests cover both kinds of streams, and every codec.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  contentLength,
  decodeStream,
  encodeStream,
  lengthPrefixed,
  messages,
  netstrings,
} from '../../src/entries/main.ts';
import type { Codec } from '../../src/entries/main.ts';
import { coalesce } from '../../src/stream/coalesce.ts';
import { encodeStream as encodeWebStream } from '../../src/stream/web-streams.ts';
import { portOf } from '../support/sockets.ts';
import { rejection } from '../support/waiting.ts';

/**
 * Half of the time in ms that a delayed acknowledgement takes. A turn on loopback takes less than a tenth of
 * this.
 */
const SLOW_MS = 20;
const TURNS = 11;
const ROUNDS = 40;
const RUN_LENGTH = 64 * 1024;

const filled = (length: number): Uint8Array => new Uint8Array(length).fill(7);

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[times.length >> 1] ?? Number.NaN;
}

/** Connects a client whose socket answers each value with the same value, as the pipelines of the docs do. */
async function echoing<In, Out extends In>(codec: Codec<In, Out>): Promise<Socket> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    pipeline(
      socket,
      decodeStream(codec),
      async function* (values: AsyncIterable<Out>) {
        yield* values;
      },
      encodeStream(codec),
      socket,
    ).catch(() => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect(portOf(server), '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/**
 * Returns the median of the best round. A delayed acknowledgement slows every round, but a busy machine does
 * not.
 */
async function turnOf<Out>(
  socket: Socket,
  codec: Codec<never, Out>,
  send: () => unknown,
): Promise<number> {
  const answers = socket.pipe(decodeStream(codec))[Symbol.asyncIterator]();
  let best = Infinity;
  for (let round = 0; round < ROUNDS && best >= SLOW_MS; round++) {
    const times: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const started = performance.now();
      send();
      await answers.next();
      times.push(performance.now() - started);
    }
    best = Math.min(best, median(times));
  }
  return best;
}

describe('a turn over sockets with Nagle’s algorithm is quick', () => {
  const frames = lengthPrefixed();
  test.each<[string, Codec<Uint8Array>, number]>([
    ['a small frame', frames, 100],
    ['a frame whose payload goes by reference in a codec', frames, 2000],
    ['a frame of about one segment', frames, 40_000],
    ['a frame of one segment and a rest', frames, 66_000],
    ['a frame of three runs', frames, 2 * RUN_LENGTH + 100],
    ['a frame of many segments', frames, 500_000],
    ['a frame with fixed bytes behind it', lengthPrefixed({ trailer: Uint8Array.of(3) }), 300_000],
    ['a netstring', netstrings(), 2000],
    ['a body with Content-Length', contentLength(), 2000],
  ])('for %s', async (_, codec, length) => {
    const socket = await echoing(codec);
    const out = encodeStream(codec);
    out.pipe(socket);
    const time = await turnOf(socket, codec, () => out.write(filled(length)));
    expect(time).toBeLessThan(SLOW_MS);
  });

  test.each([
    ['no body', undefined],
    ['a body of one byte', 'x'],
    ['a body of 3000 bytes', 'x'.repeat(3000)],
  ])('for a message with %s', async (_, body) => {
    const codec = messages();
    const socket = await echoing(codec);
    const out = encodeStream(codec);
    out.pipe(socket);
    const time = await turnOf(socket, codec, () => {
      out.write({ header: { a: 1 }, body });
    });
    expect(time).toBeLessThan(SLOW_MS);
  });

  test('for a web stream', async () => {
    const socket = await echoing(frames);
    const { readable, writable } = encodeWebStream(frames);
    readable.pipeTo(Writable.toWeb(socket)).catch(() => undefined);
    const writer = writable.getWriter();
    const time = await turnOf(socket, frames, () => {
      writer.write(filled(2000)).catch(() => undefined);
    });
    expect(time).toBeLessThan(SLOW_MS);
  });
});

describe('coalesce', () => {
  test('joins a value of up to two runs, whatever its pieces', () => {
    for (const length of [1, 8000, RUN_LENGTH, 2 * RUN_LENGTH - 4]) {
      expect(coalesce([filled(4), filled(length)])).toEqual([filled(length + 4)]);
    }
  });

  test('passes a large payload by reference, but for its ends', () => {
    const payload = filled(1_000_000);
    const [head, middle, tail, ...more] = coalesce([filled(4), payload]);
    expect(more).toEqual([]);
    expect([head?.length, tail?.length]).toEqual([RUN_LENGTH, RUN_LENGTH]);
    expect(middle?.buffer).toBe(payload.buffer);
  });

  test('never changes the bytes, and leaves no short run at either end', () => {
    const lengths = fc.oneof(fc.nat(20), fc.nat(3 * RUN_LENGTH));
    fc.assert(
      fc.property(fc.array(lengths, { maxLength: 6 }), (each) => {
        let next = 0;
        const pieces = each.map((length) => {
          return Uint8Array.from({ length }, () => next++ % 251);
        });
        const runs = coalesce(pieces);
        expect(Buffer.concat(runs).equals(Buffer.concat(pieces))).toBe(true);
        const ends = runs.length > 1 ? [runs[0], runs.at(-1)] : [];
        expect(ends.filter((run) => run === undefined || run.length < RUN_LENGTH)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('gives nothing for a value of no bytes', () => {
    expect(coalesce([])).toEqual([]);
    expect(coalesce([new Uint8Array(0)])).toEqual([]);
  });
});

describe('a codec that gives no bytes is refused', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'text'],
    ['bytes outside of an array', Uint8Array.of(1)],
    ['text among its pieces', [Uint8Array.of(1), 'text']],
    ['a hole among its pieces', [undefined]],
  ])('%s', async (_, given) => {
    const codec = { encode: () => given };
    // @ts-expect-error: what only a caller without types can do
    const stream = encodeStream(codec);
    const failed = rejection(once(stream, 'end'));
    stream.resume();
    stream.write('value');
    expect(await failed).toMatchObject({ name: 'UsageError', code: 'ERR_FRAME_UNENCODABLE' });
    // @ts-expect-error: the same
    const { readable, writable } = encodeWebStream(codec);
    const written = rejection(writable.getWriter().write('value'));
    expect(await rejection(readable.getReader().read())).toMatchObject({
      code: 'ERR_FRAME_UNENCODABLE',
    });
    expect(await written).toMatchObject({ code: 'ERR_FRAME_UNENCODABLE' });
  });
});
