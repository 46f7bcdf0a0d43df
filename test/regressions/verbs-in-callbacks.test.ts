// A method was called while the decoder was calling back (`close` in a visit of scan, `server.close` in
// onSkip). It used the decoder again from inside itself, so the read and the connection failed with
// ERR_DECODER_BUSY. Now the reader is asked when the decoder has returned.

import { once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished, expect, test } from 'vitest';
import { lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection, FramedServer } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { deferred, until } from '../support/waiting.ts';

type Bytes = Uint8Array;
type Conn = Connection<Bytes, Bytes>;

/** Three frames: one that is skipped, `a`, and `b`. */
const FRAMES = hex('00000003 787878 00000001 61 00000001 62');
const CODEC = lengthPrefixed({ maxPayloadLength: 2 });

/** Ways in which a handler reads. Each calls `act` from inside the decoder as soon as it can. */
const readers: Record<string, (conn: Conn, act: () => void) => Promise<string[]>> = {
  'scan, in a visit': async (conn, act) => {
    const seen: string[] = [];
    await conn.scan((bytes, start, end) => {
      seen.push(String(Buffer.from(bytes.subarray(start, end))));
      act();
    });
    return seen;
  },
  'scan, in onSkip': async (conn) => {
    const seen: string[] = [];
    await conn.scan((bytes, start, end) => {
      seen.push(String(Buffer.from(bytes.subarray(start, end))));
    });
    return seen;
  },
  'for await, in onSkip': async (conn) => {
    const seen: string[] = [];
    for await (const frame of conn) {
      seen.push(String(frame));
    }
    return seen;
  },
  'batches, in onSkip': async (conn) => {
    const seen: string[] = [];
    for await (const batch of conn.batches()) {
      seen.push(...batch.map(String));
    }
    return seen;
  },
};

const verbs: Record<string, (conn: Conn, server: FramedServer) => void> = {
  end: (conn) => void conn.end(),
  close: (conn) => void conn.close(),
  'close of the server': (_, server) => void server.close(),
  'a send above maxQueuedLength, which ends the connection': (conn) => {
    for (let sends = 0; sends < 3; sends++) {
      void conn.send(new Uint8Array(2));
    }
  },
  destroy: (conn) => conn.destroy(),
};

const outcomes: Record<string, unknown> = {
  end: ['a', 'b'],
  close: ['a', 'b'],
  'close of the server': ['a', 'b'],
  'a send above maxQueuedLength, which ends the connection': 'ERR_QUEUE_FULL',
  destroy: 'ERR_CONNECTION_CLOSED',
};

const cases = Object.keys(readers).flatMap((reader) =>
  Object.keys(verbs).flatMap((verb) =>
    ['before the read', 'during the read'].map((when) => [verb, reader, when] as const),
  ),
);

test.each(cases)('%s, called by %s (frames came %s), ends the read in order', async (...names) => {
  const [verb, reader, when] = names;
  const reading = deferred();
  const read = deferred();
  let outcome: unknown;
  const calls: (() => void)[] = [];
  const act = (): void => calls.pop()?.();
  const server = serve(
    CODEC,
    async (conn) => {
      calls.push(() => verbs[verb]?.(conn, server));
      if (when === 'before the read') {
        await until(() => conn.stats.buffered === FRAMES.length, 'frames buffered');
      }
      const seen = readers[reader]?.(conn, act);
      reading.resolve();
      outcome = await seen?.catch((error: { code: string }) => error.code);
      read.resolve();
    },
    {
      onSkip: () => reader.endsWith('in onSkip') && act(),
      onError: () => undefined,
      whenFull: 'destroy',
      maxQueuedLength: 7,
    },
  );
  await server.ready;
  onTestFinished(() => server.close({ within: 0 }));
  const client = connect({ port: server.port, host: '127.0.0.1' });
  client.on('error', () => undefined).resume();
  await once(client, 'connect');
  if (when === 'during the read') {
    await reading.promise;
  }
  client.write(FRAMES);
  if (verb === 'end') {
    client.end();
  }
  await read.promise;
  expect(outcome).toEqual(outcomes[verb]);
});
