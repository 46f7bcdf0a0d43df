// release(): the framing ends, and the next reader gets every unread byte, in order.

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed, rawBytes } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { readToEnd, tcpPair, tlsPair, write } from '../support/sockets.ts';
import { rejection, settled, until } from '../support/waiting.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

const waysOfReadingOn: Record<string, (duplex: Duplex) => Promise<Buffer>> = {
  "'data'": async (duplex) => {
    const chunks: Buffer[] = [];
    duplex.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(duplex, 'end');
    return Buffer.concat(chunks);
  },
  pipe: async (duplex) => {
    const chunks: Buffer[] = [];
    for await (const chunk of duplex.pipe(new PassThrough())) {
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  },
  'for await': async (duplex) => {
    const chunks: Buffer[] = [];
    for await (const chunk of duplex) {
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  },
  "'readable' and read()": async (duplex) => {
    const chunks: Buffer[] = [];
    duplex.on('readable', () => {
      for (let chunk = duplex.read(); chunk !== null; chunk = duplex.read()) {
        chunks.push(chunk);
      }
    });
    await once(duplex, 'end');
    return Buffer.concat(chunks);
  },
  'framed with rawBytes': async (duplex) => {
    const chunks: Uint8Array[] = [];
    for await (const bytes of framed(duplex, rawBytes())) {
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  },
};

describe.each(Object.entries(waysOfReadingOn))('read on with %s', (_, readOn) => {
  test('the unread bytes come first, then those that come later', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    await write(far, join([frame('framed'), utf8('and then ')]));
    expect(String(await connection.receive())).toBe('framed');
    await settled(() => near.bytesRead);
    await write(far, utf8('anything '));
    await until(() => near.bytesRead === 28, 'all came');
    const duplex = connection.release();
    expect(duplex).toBe(near);
    const read = readOn(duplex);
    far.end('else');
    expect(String(await read)).toBe('and then anything else');
  });

  test('they come also when the remote has ended before', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const reading = connection.receive();
    far.end(join([frame('framed'), utf8('the rest')]));
    expect(String(await reading)).toBe('framed');
    await until(() => connection.stats.buffered === 8, 'the rest is here');
    await settled(() => near.bytesRead);
    expect(String(await readOn(connection.release()))).toBe('the rest');
  });
});

test('a half frame in front of an end that was seen is given back whole, by a duplex of its own', async () => {
  const { near, far } = await tcpPair();
  const connection = framed(near);
  const reading = connection.receive();
  far.end(join([frame('a'), hex('00000009 6162')]));
  expect(String(await reading)).toBe('a');
  await until(() => near.readableEnded, 'the end was seen');
  const duplex = connection.release();
  expect(duplex).not.toBe(near);
  const received = readToEnd(far);
  expect(await waysOfReadingOn["'data'"]?.(duplex)).toEqual(Buffer.from(hex('00000009 6162')));
  duplex.end(frame('still writes'));
  expect(await received).toEqual(Buffer.from(frame('still writes')));
  await until(() => near.destroyed, 'both sides are over');
});

test("PostgreSQL's one-byte answer, then frames", async () => {
  const { near, far } = await tcpPair();
  // A PostgreSQL SSLRequest has length 8 and code 80877103. Its answer is one byte without a frame.
  const raw = framed(near, { read: rawBytes(), write: rawBytes() });
  await raw.send(hex('00000008 04d2162f'));
  await write(far, join([utf8('N'), frame('startup')]));
  const answer = await raw.receive();
  expect(answer?.[0]).toBe('N'.charCodeAt(0));
  const duplex = raw.release();
  duplex.unshift(answer?.subarray(1));
  expect(String(await framed(duplex).receive())).toBe('startup');
  far.resume();
});

test('a preface, then frames', async () => {
  const { near, far } = await tcpPair();
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  await write(far, join([utf8(preface), frame('settings'), frame('headers')]));
  const head: unknown = await new Promise((resolve) => {
    near.on('readable', function take() {
      const bytes: unknown = near.read(preface.length);
      if (bytes === null) {
        return;
      }
      near.off('readable', take);
      resolve(bytes);
    });
  });
  expect(String(head)).toBe(preface);
  const connection = framed(near);
  expect(String(await connection.receive())).toBe('settings');
  expect(String(await connection.receive())).toBe('headers');
});

test('a released duplex can be framed again, in another format, many times', async () => {
  const { near, far } = await tcpPair();
  await write(far, join([hex('00000001 61'), hex('01 62'), hex('0100 63'), hex('00000001 64')]));
  const formats = [{}, { prefix: 'u8' }, { prefix: 'u16le' }, {}] as const;
  let duplex: Duplex = near;
  const seen: string[] = [];
  for (const format of formats) {
    const connection = framed(duplex, lengthPrefixed(format));
    seen.push(String(await connection.receive()));
    duplex = connection.release();
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd']);
  expect(duplex).toBe(near);
  for (const event of ['data', 'end', 'error', 'close']) {
    // Only the listeners of the pair itself and of Node are left.
    expect(near.listenerCount(event)).toBeLessThanOrEqual(event === 'data' ? 0 : 1);
  }
});

test('what was sent before is written, and nothing is sent or read after', async () => {
  const { near, far } = await tcpPair();
  const connection = framed(near);
  void connection.send(utf8('packed'));
  const duplex = connection.release();
  expect(await rejection(connection.send(utf8('late')))).toMatchObject({
    code: 'ERR_CONNECTION_CLOSED',
    reason: 'released',
  });
  expect(await rejection(connection.receive())).toMatchObject({ reason: 'released' });
  expect(() => connection.release()).toThrow(expect.objectContaining({ reason: 'released' }));
  const received = readToEnd(far);
  duplex.end(' raw');
  expect(await received).toEqual(Buffer.concat([frame('packed'), utf8(' raw')]));
});

test('destroying a released connection leaves the duplex alone', async () => {
  const { near, far } = await tcpPair();
  const connection = framed(near);
  const duplex = connection.release();
  connection.destroy();
  await connection.end();
  const received = readToEnd(far);
  duplex.end('mine now');
  expect(String(await received)).toBe('mine now');
});

test('a released socket ends with its remote again, if it did before', async () => {
  const { near, far } = await tcpPair();
  expect(near.allowHalfOpen).toBe(false);
  const connection = framed(near);
  expect(near.allowHalfOpen).toBe(true);
  const duplex = connection.release();
  expect(near.allowHalfOpen).toBe(false);
  far.end();
  duplex.resume();
  await until(() => near.destroyed, 'it is over without a word from here');
});

test('a lost connection cannot be released', async () => {
  const { near } = await tcpPair();
  const connection = framed(near);
  connection.destroy();
  expect(() => connection.release()).toThrow(
    expect.objectContaining({ code: 'ERR_CONNECTION_CLOSED', reason: 'destroyed' }),
  );
});

test('over TLS nothing is lost either', async () => {
  const { near, far } = await tlsPair();
  const connection = framed(near);
  await write(far, join([frame('framed'), utf8('rest')]));
  expect(String(await connection.receive())).toBe('framed');
  const read = waysOfReadingOn['for await']?.(connection.release());
  far.end(' and more');
  expect(String(await read)).toBe('rest and more');
});
