// Endings of both sides that cross, or that meet a pending read. test/stream/endings.property.test.ts found
// these cases.

import { describe, expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { openSockets } from '../support/leaks.ts';
import { ownTlsPair, readToEnd, tcpPair, unixPair, write } from '../support/sockets.ts';
import { emitted, rejection, turns, until } from '../support/waiting.ts';

type Frames = Connection<Uint8Array, Uint8Array>;

describe('while FIN is on its way the kernel refuses a reset: the socket closes all the same', () => {
  const transports = { TCP: tcpPair, 'TLS of our making': ownTlsPair, 'a unix socket': unixPair };
  const crossings: Record<string, (connection: Frames, abort: AbortController) => Promise<void>> = {
    'end, then destroy': (connection) => {
      const ending = connection.end();
      connection.destroy();
      return ending;
    },
    'close, then destroy': (connection) => {
      const ending = connection.close();
      connection.destroy();
      return ending;
    },
    'end, then abort': (connection, abort) => {
      const ending = connection.end();
      abort.abort();
      return ending;
    },
    'end, a tick, then destroy': (connection) => {
      const ending = connection.end();
      process.nextTick(() => connection.destroy());
      return ending;
    },
    'end, microtasks, then destroy': async (connection) => {
      const ending = connection.end();
      await Promise.resolve();
      connection.destroy();
      await ending;
    },
  };
  const cases = Object.entries(transports).flatMap(([transport, open]) =>
    Object.entries(crossings).map(([name, cross]) => [name, transport, open, cross] as const),
  );

  test.each(cases)('%s, on %s', async (_, __, open, cross) => {
    const before = openSockets();
    const { near, far } = await open();
    far.resume();
    const over = Promise.all([emitted(near, 'close'), emitted(far, 'close')]);
    const abort = new AbortController();
    const connection = framed(near, undefined, { signal: abort.signal });
    // The outcome may name the destruction, but it must not be missing.
    await cross(connection, abort).catch(() => undefined);
    await over;
    await turns(5);
    expect(openSockets()).toBeLessThanOrEqual(before);
  });

  test('everything that the kernel had arrives, and then the end', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    await connection.send(hex('6869'));
    await until(() => near.writableLength === 0, 'it is written');
    void connection.end();
    connection.destroy();
    expect((await readToEnd(far)).toString('hex')).toBe('000000026869');
  });
});

describe('a read that was refused leaves the one that waits alone', () => {
  const others: Record<string, (connection: Frames) => Promise<unknown>> = {
    'a loop that is left': async (connection) => {
      const loop = connection[Symbol.asyncIterator]();
      expect(await rejection(loop.next())).toMatchObject({ code: 'ERR_CONCURRENT_READ' });
      await loop.return?.();
    },
    'a loop of batches that is left': async (connection) => {
      const loop = connection.batches();
      expect(await rejection(loop.next())).toMatchObject({ code: 'ERR_CONCURRENT_READ' });
      await loop.return?.();
    },
    'a receive that was aborted before': async (connection) => {
      await rejection(connection.receive({ signal: AbortSignal.abort() }));
    },
    'a receive that is aborted at once': async (connection) => {
      const abort = new AbortController();
      const refused = rejection(connection.receive({ signal: abort.signal }));
      abort.abort();
      await refused;
    },
    'a receive with a time of 0': async (connection) => {
      await rejection(connection.receive({ timeout: 0 }));
      await turns(5);
    },
  };

  test.each(Object.entries(others))('%s', async (_, disturb) => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const reading = connection.receive();
    await disturb(connection);
    await write(far, hex('00000001 61'));
    expect(String(await reading)).toBe('a');
  });
});

describe('release', () => {
  test('after end, of a duplex that is lost then: a send that waits hears of it', async () => {
    const { near } = await tcpPair();
    const connection = framed(near);
    const sending = rejection(connection.send(Buffer.alloc(8 * 1024 * 1024)));
    void connection.end();
    connection.release().destroy();
    expect(await sending).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test('between the end of the remote and the look for a reset: the bytes are handed on', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    far.end(hex('00000001 61'));
    await emitted(near, 'end');
    const again = framed(connection.release());
    expect(String(await again.receive())).toBe('a');
    expect(await again.receive()).toBeUndefined();
  });

  test('after the end of the remote: the released connection does not say "ended"', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    far.end(hex('00000001 61'));
    await emitted(near, 'end');
    await turns(5);
    connection.release();
    expect(await rejection(connection.receive())).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
      reason: 'released',
    });
  });

  test('of a duplex that has just broken is refused: it would drop what it is given back', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    await write(far, hex('00000001 61'));
    await until(() => near.bytesRead === 5, 'the frame has come');
    near.destroy(new Error('broken'));
    expect(() => connection.release()).toThrow(
      expect.objectContaining({ code: 'ERR_CONNECTION_LOST' }),
    );
    expect(String(await connection.receive())).toBe('a');
  });
});

test('destroy after the end of the remote: a frame that was not read is not read any more', async () => {
  const { near, far } = await tcpPair();
  const connection = framed(near);
  far.end(hex('00000001 61'));
  await emitted(near, 'end');
  await turns(5);
  connection.destroy();
  expect(await rejection(connection.receive())).toMatchObject({
    code: 'ERR_CONNECTION_CLOSED',
    reason: 'destroyed',
  });
});
