// messageStream(): bodies larger than memory, and sources that do not give what was declared.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { BodyStream } from '../../src/entries/main.ts';
import { heldArrayBufferLength } from '../../src/prove/decoder/gauge.ts';
import { utf8 } from '../support/bytes.ts';
import { pieces, streams } from '../support/message-streams.ts';
import { deferred, emitted, rejection, settled, until } from '../support/waiting.ts';

const MIB = 1024 * 1024;

async function* failing(): AsyncGenerator<string> {
  yield '12';
  throw new Error('disk on fire');
}

describe('64 MiB', () => {
  test('stream through constant memory, the same bytes on the other side', async () => {
    const { a, b } = await streams();
    const length = 64 * MIB;
    const block = Buffer.alloc(256 * 1024, 'unstick');
    const hashes = { sent: createHash('sha256'), received: createHash('sha256') };
    const source = Readable.from(
      (function* blocks() {
        for (let at = 0; at < length; at += block.length) {
          hashes.sent.update(block);
          yield block;
        }
      })(),
    );
    const before = heldArrayBufferLength();
    const held: number[] = [];
    const sent = a.send({ header: {}, body: source, bodyLength: length });
    const message = await b.receive();
    let received = 0;
    for await (const bytes of message?.body ?? []) {
      hashes.received.update(bytes);
      const isAtMark = received % (8 * MIB) > (received + bytes.length) % (8 * MIB);
      received += bytes.length;
      if (isAtMark) {
        held.push(heldArrayBufferLength() - before);
      }
    }
    await sent;
    expect(received).toBe(length);
    expect(hashes.received.digest('hex')).toBe(hashes.sent.digest('hex'));
    // Count both sides together, without the memory that the collector has not freed yet. That memory differs
    // between versions of Node.
    expect(held).toHaveLength(8);
    expect(Math.max(...held)).toBeLessThan(8 * MIB);
  });

  test('wait in the source while the other side does not read', async () => {
    const { a, b } = await streams();
    let given = 0;
    const source = Readable.from(
      (function* blocks() {
        for (; given < 64 * MIB; given += 65_536) {
          yield Buffer.alloc(65_536);
        }
      })(),
    );
    const sent = a.send({ header: {}, body: source, bodyLength: 64 * MIB });
    const message = await b.receive();
    await settled(() => given);
    // A kernel may hold 36 MiB.
    expect(given).toBeLessThan(48 * MIB);
    let received = 0;
    for await (const bytes of message?.body ?? []) {
      received += bytes.length;
    }
    await sent;
    expect(received).toBe(64 * MIB);
    expect(given).toBe(64 * MIB);
  });
});

describe('sends in line', () => {
  test('go out behind a streamed body, in order', async () => {
    const { a, b } = await streams();
    const gate = deferred();
    const slow = (async function* gated() {
      yield 'be';
      await gate.promise;
      yield 'gun';
    })();
    const sends = [
      a.send({ header: { n: 0 }, body: 'before' }),
      a.send({ header: { n: 1 }, body: slow, bodyLength: 5 }),
      a.send({ header: { n: 2 }, body: 'after' }),
      a.send({ header: { n: 3 }, body: pieces('last'), bodyLength: 4 }),
    ];
    const closing = a.end();
    expect(await (await b.receive())?.text()).toBe('before');
    const second = await b.receive();
    gate.resolve();
    expect(await second?.text()).toBe('begun');
    expect(await (await b.receive())?.text()).toBe('after');
    expect(await (await b.receive())?.text()).toBe('last');
    expect(await b.receive()).toBeUndefined();
    await Promise.all([...sends, closing]);
    expect(a.stats.sent.frames).toBe(4);
  });
});

describe('a source', () => {
  test.each<[string, () => BodyStream, string]>([
    ['too short', () => pieces('1234'), 'ended 1 byte short of the 5 bytes'],
    ['too long by a piece', () => pieces('12345', '6'), 'gave more than the 5 bytes'],
    ['too long', () => pieces('123', '456'), 'gave more than the 5 bytes'],
    ['failing', failing, 'failed before it gave the 5 bytes'],
    [
      'of the wrong type',
      () => Readable.from([utf8('1'), 2], { objectMode: true }),
      'failed before it gave',
    ],
  ])(
    'that is %s ends the connection, and the remote sees an unfinished message',
    async (_, body, facts) => {
      const { a, b } = await streams();
      const sent = rejection(a.send({ header: {}, body: body(), bodyLength: 5 }));
      const message = await b.receive();
      expect(await sent).toMatchObject({
        name: 'UsageError',
        code: 'ERR_MESSAGE_BODY_MISMATCH',
        limit: 5,
        message: expect.stringContaining(facts),
      });
      expect(await rejection(message?.bytes() ?? Promise.resolve())).toMatchObject({
        code: expect.stringMatching(/ERR_FRAME_TRUNCATED|ERR_CONNECTION_LOST/),
      });
      expect(await rejection(a.send({ header: {} }))).toMatchObject({
        code: 'ERR_CONNECTION_CLOSED',
        cause: { code: 'ERR_MESSAGE_BODY_MISMATCH' },
      });
    },
  );

  test('that fails while it waits in line does not end the process', async () => {
    const { a, b } = await streams();
    const gate = deferred();
    const first = a.send({
      header: {},
      body: (async function* gated() {
        await gate.promise;
        yield 'x';
      })(),
      bodyLength: 1,
    });
    const missing = createReadStream('/nonexistent/file');
    const failed = emitted(missing, 'close');
    const second = rejection(a.send({ header: {}, body: missing, bodyLength: 1 }));
    await failed;
    gate.resolve();
    await first;
    expect(await second).toMatchObject({
      code: 'ERR_MESSAGE_BODY_MISMATCH',
      cause: { code: 'ENOENT' },
    });
    b.destroy();
  });

  test('that stalls does not hold up its send when the connection is lost', async () => {
    const { a, far } = await streams();
    const stalled = new Readable({ read: () => undefined });
    stalled.push('1');
    const sent = rejection(a.send({ header: {}, body: stalled, bodyLength: 5 }));
    const inLine = new Readable({ read: () => undefined });
    const waiting = rejection(a.send({ header: {}, body: inLine, bodyLength: 5 }));
    await until(() => far.bytesRead > 10, 'the head came');
    far.resetAndDestroy();
    expect(await sent).toMatchObject({ name: 'ConnectionError' });
    expect(await waiting).toMatchObject({ name: 'ConnectionError' });
    expect([stalled.destroyed, inLine.destroyed]).toEqual([true, true]);
  });

  test('may give pieces that are larger than the queue may be', async () => {
    const { a, b } = await streams();
    const length = 20 * MIB;
    const sent = a.send({ header: {}, body: pieces(Buffer.alloc(length)), bodyLength: length });
    const message = await b.receive();
    let received = 0;
    for await (const bytes of message?.body ?? []) {
      received += bytes.length;
    }
    await sent;
    expect(received).toBe(length);
  });
});
