// Reading from a framed connection: only one reader at a time, loops that can be left, values that can be
// kept, and frames that can be skipped.

import { getEventListeners, once } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed, messages, rawBytes } from '../../src/entries/main.ts';
import type { ProtocolError } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { emitted, rejection, turns, until } from '../support/waiting.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

describe('a chunk of any length is read', () => {
  // A duplex that is no socket, and the unread bytes of another reader, come in chunks of any length.
  const LENGTH = 3 * 1024 * 1024;
  const long = join(codec.encode(new Uint8Array(LENGTH)));

  test.each<[string, (duplex: Duplex) => void]>([
    ['that is pushed', (duplex) => void duplex.push(long)],
    ['of which a part is unread bytes', (duplex) => duplex.unshift(long)],
    [
      'in two halves',
      (duplex) => {
        duplex.push(long.subarray(0, LENGTH / 2));
        duplex.push(long.subarray(LENGTH / 2));
      },
    ],
  ])('%s, before a reader comes and between two reads', async (_, give) => {
    const duplex = new Duplex({ read: () => undefined, write: () => undefined });
    const connection = framed(duplex);
    for (let round = 0; round < 2; round++) {
      give(duplex);
      await turns(3);
      expect(await connection.receive()).toHaveLength(LENGTH);
    }
    connection.destroy();
  });
});

describe('a loop that is left with break', () => {
  test.each([
    ['for await', ['a', 'b', 'c', 'd']],
    // The whole batch was handed over, so the values in it that the loop did not look at are gone.
    ['batches', ['a', 'd']],
  ])('keeps the connection open (%s)', async (way, expected) => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    await write(far, join(['a', 'b', 'c'].map(frame)));
    await until(() => connection.stats.buffered === 15, 'all three came');
    const seen: string[] = [];
    if (way === 'for await') {
      for await (const value of connection) {
        seen.push(String(value));
        break;
      }
    } else {
      for await (const [first] of connection.batches()) {
        seen.push(String(first));
        break;
      }
    }
    await write(far, frame('d'));
    for await (const value of connection) {
      seen.push(String(value));
      if (String(value) === 'd') {
        break;
      }
    }
    expect(seen).toEqual(expected);
    expect(near.destroyed).toBe(false);
    await connection.send(utf8('answer'));
    expect(String(await framed(far).receive())).toBe('answer');
  });

  test('keeps it open when the body throws, too', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    await write(far, join([frame('a'), frame('b')]));
    const looped = (async () => {
      for await (const value of connection) {
        throw new Error(`on ${String(value)}`);
      }
    })();
    expect(await rejection(looped)).toMatchObject({ message: 'on a' });
    expect(String(await connection.receive())).toBe('b');
  });
});

describe('a second reader', () => {
  test.each(['receive', 'for await', 'batches', 'scan'])('is refused (%s)', async (way) => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const first = connection.receive();
    const second = {
      receive: () => connection.receive(),
      'for await': () => connection[Symbol.asyncIterator]().next(),
      batches: () => connection.batches().next(),
      scan: () => connection.scan(() => undefined),
    }[way];
    expect(await rejection(second?.() ?? Promise.resolve())).toMatchObject({
      name: 'UsageError',
      code: 'ERR_CONCURRENT_READ',
    });
    await write(far, frame('for the first'));
    expect(String(await first)).toBe('for the first');
  });

  test('is refused while a scan waits', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const seen: string[] = [];
    const scanned = connection.scan((bytes, start, end) => {
      seen.push(Buffer.from(bytes.subarray(start, end)).toString());
    });
    expect(await rejection(connection.receive())).toMatchObject({ code: 'ERR_CONCURRENT_READ' });
    expect(() => connection.release()).toThrow(
      expect.objectContaining({ code: 'ERR_CONCURRENT_READ' }),
    );
    far.end(frame('a'));
    await scanned;
    expect(seen).toEqual(['a']);
  });
});

describe('scan', () => {
  test('gives what its visitor threw, and leaves the rest to the next reader', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const scanned = connection.scan(() => {
      throw new Error('seen enough');
    });
    await write(far, join(['a', 'b', 'c'].map(frame)));
    expect(await rejection(scanned)).toMatchObject({ message: 'seen enough' });
    expect(String(await connection.receive())).toBe('b');
    far.end();
    expect(String(await connection.receive())).toBe('c');
    expect(await connection.receive()).toBeUndefined();
  });

  test('is refused for a codec whose values are not frames', async () => {
    const { near } = await tcpPair();
    const connection = framed(near, messages());
    expect(await rejection(connection.scan(() => undefined))).toMatchObject({
      name: 'UsageError',
      code: 'ERR_OPTION',
    });
  });
});

describe('batches', () => {
  test('give all frames of a chunk in one array', async () => {
    const { near, far } = await tcpPair();
    const batches = framed(near).batches();
    await write(far, join(['a', 'b', 'c'].map(frame)));
    expect((await batches.next()).value?.map(String)).toEqual(['a', 'b', 'c']);
  });
});

/** Reads and keeps 1000 frames of 16 bytes. */
async function keep(copy: boolean): Promise<Uint8Array[]> {
  const { near, far } = await tcpPair();
  far.end(join(Array.from({ length: 1000 }, (_, i) => frame(String(i).padStart(16)))));
  const kept: Uint8Array[] = [];
  for await (const value of framed(near, codec, { copy })) {
    kept.push(value);
  }
  return kept;
}

describe('the option copy', () => {
  test('gives 1000 kept frames memory of their own: 16 bytes each', async () => {
    const kept = await keep(true);
    expect(kept).toHaveLength(1000);
    expect(new Set(kept.map(({ buffer }) => buffer)).size).toBe(1000);
    expect(kept.every(({ buffer }) => buffer.byteLength === 16)).toBe(true);
    expect(kept.map((bytes) => Number(String(bytes)))).toEqual([...kept.keys()]);
  });

  test('left out gives views of the chunk', async () => {
    const kept = await keep(false);
    expect(kept).toHaveLength(1000);
    expect(new Set(kept.map(({ buffer }) => buffer)).size).toBeLessThan(10);
  });

  test('copies the body of a message', async () => {
    const { near, far } = await tcpPair();
    far.end(join(messages().encode({ header: {}, body: 'sixteen bytes ok' })));
    const message = await framed(near, messages(), { copy: true }).receive();
    expect(message?.body.buffer.byteLength).toBe(16);
  });
});

test('the option copy leaves a frozen object of a class as it is: a copy has no private fields', async () => {
  class Header {
    readonly #size = 7;
    constructor() {
      Object.freeze(this);
    }
    get size(): number {
      return this.#size;
    }
  }
  const { near, far } = await tcpPair();
  const typed = messages({ parseHeader: () => new Header() });
  far.end(join(messages().encode({ header: {}, body: 'b' })));
  const message = await framed(near, typed, { copy: true }).receive();
  expect(message?.header.size).toBe(7);
});

describe('onSkip', () => {
  test('reports frames that are too large and goes on, in order', async () => {
    const { near, far } = await tcpPair();
    const seen: string[] = [];
    const onSkip = (error: ProtocolError): void => {
      seen.push(`${error.code} ${error.frameIndex}`);
    };
    const connection = framed(near, lengthPrefixed({ maxPayloadLength: 3 }), { onSkip });
    far.end(join(['a', 'too large', 'b', 'again'].map(frame)));
    for await (const value of connection) {
      seen.push(String(value));
    }
    expect(seen).toEqual(['a', 'ERR_FRAME_TOO_LARGE 1', 'b', 'ERR_FRAME_TOO_LARGE 3']);
    expect(connection.stats).toMatchObject({ skipped: 2, received: { frames: 2 } });
  });
});

describe('a codec for each direction', () => {
  test('reads raw bytes and writes frames', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, { read: rawBytes(), write: codec });
    await connection.send(utf8('ls'));
    expect(String(await framed(far).receive())).toBe('ls');
    far.end('any bytes, cut anywhere');
    const pieces: Uint8Array[] = [];
    for await (const bytes of connection) {
      pieces.push(bytes);
    }
    expect(Buffer.concat(pieces).toString()).toBe('any bytes, cut anywhere');
  });
});

describe('bytes that are not bytes', () => {
  test.each(['before they come', 'after they came'])(
    'setEncoding on the socket is a UsageError that says so (read %s)',
    async (when) => {
      const { near, far } = await tcpPair();
      near.setEncoding('utf8');
      const connection = framed(near);
      const early = when === 'before they come' ? rejection(connection.receive()) : undefined;
      await write(far, frame('text'));
      if (early === undefined) {
        await once(near, 'data');
      }
      expect(await (early ?? rejection(connection.receive()))).toMatchObject({
        name: 'UsageError',
        code: 'ERR_OPTION',
        hint: expect.stringContaining('setEncoding'),
      });
    },
  );
});

describe('a protocol error', () => {
  test('is given again to every reader, and sending goes on', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    await write(far, join([frame('good'), hex('ffffffff')]));
    expect(String(await connection.receive())).toBe('good');
    const first = await rejection(connection.receive());
    expect(first).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE', byteOffset: 8 });
    expect(await rejection(connection.receive())).toBe(first);
    expect(await rejection(connection.scan(() => undefined))).toBe(first);
    await connection.send(utf8('you sent nonsense'));
    expect(String(await framed(far).receive())).toBe('you sent nonsense');
  });
});

describe('the option signal', () => {
  test('ends a pending read and the socket', async () => {
    const { near, far } = await tcpPair();
    const controller = new AbortController();
    const connection = framed(near, codec, { signal: controller.signal });
    const remoteAddress = connection.remoteAddress;
    const reading = rejection(connection.receive());
    const ended = emitted(far, 'close');
    controller.abort(new Error('enough'));
    expect(await reading).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
      reason: 'aborted',
      remoteAddress,
      cause: { message: 'enough' },
    });
    expect(near.destroyed).toBe(true);
    far.resume();
    await ended;
  });

  test('that was aborted before ends the connection at once', async () => {
    const { near } = await tcpPair();
    const connection = framed(near, codec, { signal: AbortSignal.abort() });
    expect(await rejection(connection.receive())).toMatchObject({ reason: 'aborted' });
    expect(near.destroyed).toBe(true);
  });

  test('is not listened to any more when the connection is over or released', async () => {
    const { signal } = new AbortController();
    const { near, far } = await tcpPair();
    const a = framed(near, codec, { signal });
    const b = framed(far, codec, { signal });
    // One listener serves both connections.
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    a.release();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    b.destroy();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

test('nothing that came is lost to a read that was cancelled by its timeout', async () => {
  const { near, far } = await tcpPair();
  const connection = framed(near);
  const whole = frame('patience');
  await write(far, whole.subarray(0, 7));
  expect(await rejection(connection.receive({ timeout: 5 }))).toMatchObject({
    name: 'ConnectionError',
    code: 'ERR_TIMEOUT',
    limit: 5,
    remoteAddress: connection.remoteAddress,
  });
  await write(far, whole.subarray(7));
  await write(far, frame('next'));
  await turns(3);
  expect(String(await connection.receive({ timeout: 10_000 }))).toBe('patience');
  expect(String(await connection.receive())).toBe('next');
});

test('a timeout that is no number of ms is a UsageError', async () => {
  const { near } = await tcpPair();
  const connection = framed(near);
  for (const timeout of [-1, Number.NaN, 2 ** 31]) {
    expect(await rejection(connection.receive({ timeout }))).toMatchObject({
      code: 'ERR_OPTION',
    });
  }
});
