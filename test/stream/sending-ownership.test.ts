// `send` resolves when the caller may use the bytes again and few enough bytes are queued. A buffer that is
// filled anew after each await must arrive as it was sent, and a remote that reads nothing must stop the
// sender.

import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed, messages } from '../../src/entries/main.ts';
import type { Codec, FrameCodec } from '../../src/entries/main.ts';
import { hex, join } from '../support/bytes.ts';
import { ownTlsPair, tcpPair, tlsPair, unixPair, write } from '../support/sockets.ts';
import { rejection, settled, turns } from '../support/waiting.ts';

const transports = { TCP: tcpPair, TLS: tlsPair, 'TLS of ours': ownTlsPair, unix: unixPair };

describe.each(Object.entries(transports))('over %s', (_, open) => {
  test.each([1, 1000, 8 * 1024 - 4, 8 * 1024, 30_000, 200_000])(
    'a buffer of %i bytes is filled anew after each await',
    async (length) => {
      const { near, far } = await open();
      const connection = framed(near);
      const reading = (async () => {
        const wrong: number[] = [];
        let index = 0;
        for await (const frame of framed(far)) {
          if (!frame.every((byte) => byte === index % 256)) {
            wrong.push(index);
          }
          index++;
        }
        return { index, wrong };
      })();
      const buffer = new Uint8Array(length);
      for (let i = 0; i < 100; i++) {
        buffer.fill(i);
        await connection.send(buffer);
      }
      await connection.end();
      expect(await reading).toEqual({ index: 100, wrong: [] });
    },
  );
});

test('sends that await each other stop at the high-water mark while the remote reads nothing', async () => {
  const { near, far } = await tcpPair();
  const highWaterMark = 20_000;
  const connection = framed(near, undefined, { highWaterMark });
  const value = new Uint8Array(1024);
  const stop = new AbortController();
  const sending = (async () => {
    while (!stop.signal.aborted) {
      await connection.send(value);
    }
  })();
  await settled(() => connection.stats.sent.frames);
  const { queued } = connection.stats;
  expect(queued).toBeGreaterThan(highWaterMark);
  expect(queued).toBeLessThanOrEqual(highWaterMark + value.length + 4);
  stop.abort();
  far.resume();
  await sending;
});

describe('a send from inside a scan visit', () => {
  test('copies what the visitor is shown, also on another connection', async () => {
    const [inner, outer] = [await tcpPair(), await tcpPair()];
    const length = 20_000;
    const from = framed(inner.near);
    const to = framed(outer.near);
    const scanning = from.scan((bytes, start, end) => {
      void to.send(bytes.subarray(start, end));
      // Overwrite the bytes, as a reused read buffer would after the visit.
      bytes.fill(0xee, start, end);
    });
    const payload = (i: number): Buffer => Buffer.alloc(length, i);
    const codec = lengthPrefixed();
    inner.far.end(join(Array.from({ length: 20 }, (_, i) => codec.encode(payload(i))).flat()));
    const seen: number[] = [];
    const reading = (async () => {
      for await (const frame of framed(outer.far)) {
        expect(payload(seen.length).equals(frame)).toBe(true);
        seen.push(frame.length);
      }
    })();
    await scanning;
    await to.end();
    await reading;
    expect(seen).toHaveLength(20);
  });
});

describe('a full queue', () => {
  test.each(['reject', 'destroy'] as const)(
    'with whenFull %s never ends the process',
    async (how) => {
      const { near } = await tcpPair();
      const connection = framed(near, undefined, { maxQueuedLength: 100_000, whenFull: how });
      const unhandled: unknown[] = [];
      const listen = (error: unknown): void => void unhandled.push(error);
      process.on('unhandledRejection', listen);
      // Send many values without awaiting, to a remote that reads nothing.
      for (let i = 0; i < 2000; i++) {
        void connection.send(new Uint8Array(10_000));
        if (i % 50 === 0) {
          await turns(1);
        }
      }
      await turns(20);
      process.off('unhandledRejection', listen);
      expect(unhandled).toEqual([]);
      expect(near.destroyed).toBe(how === 'destroy');
      expect(connection.stats.queued).toBeLessThanOrEqual(100_000);
      connection.destroy();
      const code = how === 'destroy' ? 'ERR_QUEUE_FULL' : 'ERR_CONNECTION_CLOSED';
      expect(await connection.closed).toMatchObject({ code });
    },
  );
});

/** Makes a codec whose announcements differ from what it does. */
function lying(lie: Partial<Record<keyof FrameCodec, unknown>>): Codec<Uint8Array> {
  return { ...lengthPrefixed(), ...(lie as Partial<FrameCodec>) };
}

describe('a codec that lies', () => {
  const honest = lengthPrefixed();
  test.each<[string, Partial<Record<keyof FrameCodec, unknown>>, number]>([
    ['about a short length', { encodedLength: () => 3 }, 10],
    ['about a long length', { encodedLength: () => 300 }, 10],
    ['with NaN', { encodedLength: () => Number.NaN }, 10],
    ['with a negative length', { encodedLength: () => -1 }, 10],
    ['with Infinity', { encodedLength: () => Infinity }, 10],
    ['about where it ended', { encodeInto: (_v: unknown, _t: unknown, at: number) => at }, 10],
    ['about a large length', { encodedLength: () => 9000 }, 20_000],
    ['by giving one piece', { encodeInto: undefined, encode: () => new Uint8Array(3) }, 10],
    ['by giving text', { encodeInto: undefined, encode: () => ['hi'] }, 10],
    ['by giving nothing', { encodeInto: undefined, encode: () => undefined }, 10],
  ])('%s is refused, and the wire is as if it had not been asked', async (_, lie, length) => {
    const { near, far } = await tcpPair();
    let lies = false;
    const codec = lying(
      Object.fromEntries(
        Object.entries(lie).map(([name, value]) => [
          name,
          typeof value === 'function'
            ? (...given: never[]): unknown =>
                Reflect.apply(lies ? value : Reflect.get(honest, name), honest, given)
            : value,
        ]),
      ),
    );
    const connection = framed(near, codec);
    await connection.send(hex('61'));
    lies = true;
    const first = rejection(connection.send(new Uint8Array(length)));
    expect(await first).toMatchObject({ name: 'UsageError', code: 'ERR_OPTION' });
    lies = false;
    await connection.send(hex('62'));
    await connection.end();
    const seen: string[] = [];
    for await (const frame of framed(far)) {
      seen.push(String(frame));
    }
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('a codec that sends while it encodes', () => {
  test('is refused where it packs, and the outer value arrives whole', async () => {
    const { near, far } = await tcpPair();
    let inner: Promise<unknown> | undefined;
    const trailer = {
      length: 1,
      compute: (bytes: Uint8Array) => {
        inner ??= rejection(connection.send(hex('ff')));
        return Uint8Array.of(bytes.length);
      },
    };
    const codec = lengthPrefixed({ trailer });
    const connection = framed(near, codec);
    await connection.send(hex('6869'));
    expect(await inner).toMatchObject({ name: 'UsageError', code: 'ERR_ENCODER_BUSY' });
    await connection.end();
    expect(String(await framed(far, codec).receive())).toBe('hi');
  });

  test('sends first what it sent, where it only encodes', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, messages());
    const outer = {
      toJSON: () => {
        void connection.send({ header: { inner: true } });
        return 1;
      },
    };
    await connection.send({ header: { outer: Object(outer) } });
    await connection.end();
    const seen: unknown[] = [];
    for await (const { header } of framed(far, messages())) {
      seen.push(Object.keys(header)[0]);
    }
    expect(seen).toEqual(['inner', 'outer']);
  });
});

describe('a send with a signal', () => {
  test('that is aborted already sends nothing', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const sent = connection.send(hex('61'), { signal: AbortSignal.abort(new Error('no more')) });
    expect(await rejection(sent)).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_ABORTED',
      cause: { message: 'no more' },
    });
    await connection.send(hex('62'));
    expect(String(await framed(far).receive())).toBe('b');
  });

  test('that is aborted while it waits stops waiting, and the connection goes on', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const controller = new AbortController();
    const sent = rejection(
      connection.send(new Uint8Array(8_000_000), { signal: controller.signal }),
    );
    await settled(() => connection.stats.queued);
    controller.abort();
    expect(await sent).toMatchObject({ code: 'ERR_ABORTED' });
    await write(far, hex('00000001 61'));
    expect(String(await connection.receive())).toBe('a');
    expect(await framed(far).receive()).toHaveLength(8_000_000);
  });
});
