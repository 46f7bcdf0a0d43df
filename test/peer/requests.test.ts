// Requests over real sockets: answers, errors, timeouts, aborts, and the errors of requests without an
// answer.

import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { RemoteError, reply } from '../../src/entries/peer.ts';
import type { IncomingRequest, Peer } from '../../src/entries/peer.ts';
import { HELLO, dialPeer, playServer, twoPeers } from '../support/peers.ts';
import { deferred, emitted, rejection, turns, until } from '../support/waiting.ts';

const upper = (params: unknown): string => String(params).toUpperCase();

test('a request is answered with a result and a body, in both directions', async () => {
  const { here, there } = await twoPeers((peer) => {
    peer.handle('upper', upper);
    peer.handle('reverse', (_, { body }) => reply(body.length, Buffer.from(body).toReversed()));
  });
  expect(await here.request('upper', 'sticky')).toMatchObject({ result: 'STICKY' });
  const { result, body } = await here.request('reverse', undefined, { body: 'abc' });
  expect([result, String(body)]).toEqual([3, 'cba']);
  here.handle('upper', upper);
  expect((await there.request('upper', 'other way')).result).toBe('OTHER WAY');
});

test('any JSON travels as params and result; what is left out is null', async () => {
  const { here } = await twoPeers((peer) => {
    peer.handle('echo', (params) => params);
    peer.handle('nothing', () => undefined);
  });
  for (const value of [
    null,
    0,
    -1.5,
    '',
    '粘包',
    [],
    [[null]],
    {},
    { a: { b: [1, '2'] } },
    false,
  ]) {
    expect((await here.request('echo', value)).result).toEqual(value);
  }
  expect((await here.request('echo')).result).toBeNull();
  expect((await here.request('nothing')).result).toBeNull();
});

test('1000 requests at once are all answered, 128 at a time', async () => {
  let running = 0;
  let most = 0;
  const { here } = await twoPeers((peer) => {
    peer.handle('square', async (params) => {
      most = Math.max(most, ++running);
      await turns(1);
      running--;
      return Number(params) ** 2;
    });
  });
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => here.request('square', i)),
  );
  expect(answers.map(({ result }) => result)).toEqual(
    Array.from({ length: 1000 }, (_, i) => i ** 2),
  );
  expect(most).toBe(128);
});

test('answers come in whatever order the handlers give them', async () => {
  const gates = [deferred(), deferred(), deferred()];
  const { here } = await twoPeers((peer) => {
    peer.handle('wait', async (params) => {
      await gates[Number(params)]?.promise;
      return params;
    });
  });
  const order: unknown[] = [];
  const all = Promise.all(
    gates.map(async (_, i) => order.push((await here.request('wait', i)).result)),
  );
  for (const i of [2, 0, 1]) {
    gates[i]?.resolve();
    await until(() => order.includes(i), `the answer to ${i}`);
  }
  await all;
  expect(order).toEqual([2, 0, 1]);
});

describe('an error', () => {
  test('that is a RemoteError reaches the requester whole', async () => {
    const { here, errors } = await twoPeers((peer) => {
      peer.handle('open', () => {
        throw new RemoteError('E_NO_FILE', 'There is no such file.', { details: { name: 'x' } });
      });
    });
    expect(await rejection(here.request('open'))).toMatchObject({
      name: 'RemoteError',
      code: 'ERR_REMOTE',
      remoteCode: 'E_NO_FILE',
      message: 'There is no such file.',
      details: { name: 'x' },
    });
    expect(errors).toEqual([]);
  });

  test.each([
    [
      'a throw',
      () => {
        throw new Error('secret');
      },
    ],
    ['a rejection', () => Promise.reject(new Error('secret'))],
    [
      'a throw of no error',
      () => {
        return Promise.reject('secret');
      },
    ],
    ['a result that is no JSON', () => 10n],
    ['a result that is too long', () => 'secret'.repeat(10_000)],
    ['a body that is too long', () => reply(null, new Uint8Array(2 ** 20 + 1))],
    [
      'an error whose details are no JSON',
      () => {
        throw new RemoteError('E', 'e', { details: 10n });
      },
    ],
    [
      'an error whose details are too long',
      () => {
        throw new RemoteError('E', 'e', { details: 'secret'.repeat(10_000) });
      },
    ],
  ])('of the handler is told to be one, and stays at home: %s', async (_, handler) => {
    const { here, errors } = await twoPeers((peer) => peer.handle('fail', handler));
    const error = await rejection(here.request('fail'));
    expect(error).toMatchObject({ name: 'RemoteError', remoteCode: 'HANDLER_FAILED' });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    expect(errors).toHaveLength(1);
    // The connection goes on.
    expect(await rejection(here.request('fail'))).toMatchObject({ remoteCode: 'HANDLER_FAILED' });
  });

  test('that onError throws becomes a warning', async () => {
    const warned = emitted(process, 'warning');
    const { here } = await twoPeers(
      (peer) => peer.handle('fail', () => Promise.reject(new Error('first'))),
      {
        onError: () => {
          throw new Error('second');
        },
      },
    );
    expect(await rejection(here.request('fail'))).toMatchObject({ remoteCode: 'HANDLER_FAILED' });
    await warned;
  });

  test('of a name that nobody handles says so', async () => {
    const { here } = await twoPeers(() => undefined);
    for (const name of ['nobody', '', '__proto__', 'constructor']) {
      expect(await rejection(here.request(name))).toMatchObject({ remoteCode: 'NO_HANDLER' });
    }
  });

  test.each([
    ['params', { params: 'x'.repeat(20_000) }],
    ['a body', { body: new Uint8Array(2 ** 20 + 1) }],
    ['a body of another kind', { body: 5 as unknown as string }],
    ['params that are no JSON', { params: 5n as unknown as number }],
  ])(
    'of %s that the other side would refuse is the caller’s, and nothing else fails',
    async (_, given) => {
      const { params, body }: { params?: string | number; body?: string | Uint8Array } = given;
      const { here } = await twoPeers((peer) => peer.handle('echo', (value) => value));
      expect(await rejection(here.request('echo', params, { body }))).toMatchObject({
        name: 'UsageError',
        code: 'ERR_FRAME_UNENCODABLE',
      });
      expect(await rejection(here.notify('echo', params, { body }))).toMatchObject({
        code: 'ERR_FRAME_UNENCODABLE',
      });
      expect((await here.request('echo', 1)).result).toBe(1);
    },
  );
});

/** A peer whose handler of `wait` waits until its signal aborts, and says what it was aborted with. */
async function waiting(): Promise<{
  here: Peer;
  there: Peer;
  asked: IncomingRequest<Peer>[];
  aborted: unknown[];
}> {
  const asked: IncomingRequest<Peer>[] = [];
  const aborted: unknown[] = [];
  const { here, there } = await twoPeers((peer) => {
    peer.handle('wait', (_, request) => {
      asked.push(request);
      return new Promise((resolve) => {
        request.signal.addEventListener('abort', () => {
          aborted.push(request.signal.reason);
          resolve('too late');
        });
      });
    });
    peer.handle('echo', (params) => params);
  });
  return { here, there, asked, aborted };
}

describe('a requester that gives up', () => {
  test('by its timeout is told so, and the handler’s signal aborts', async () => {
    const { here, aborted } = await waiting();
    expect(await rejection(here.request('wait', null, { timeout: 30 }))).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_TIMEOUT',
      limit: 30,
      sent: true,
    });
    await until(() => aborted.length === 1, 'the handler heard of it');
    expect((await here.request('echo', 1)).result).toBe(1);
  });

  test('by the requestTimeout of its peer likewise', async () => {
    const port = await playServer((socket) => void socket.write(HELLO));
    const here = await dialPeer(port, { requestTimeout: 20 });
    expect(await rejection(here.request('x'))).toMatchObject({ code: 'ERR_TIMEOUT', limit: 20 });
  });

  test('by its signal is told so, and the handler’s signal aborts', async () => {
    const { here, asked, aborted } = await waiting();
    const abort = new AbortController();
    const answer = rejection(here.request('wait', null, { signal: abort.signal }));
    await until(() => asked.length === 1, 'the handler runs');
    abort.abort(new Error('enough'));
    expect(await answer).toMatchObject({
      code: 'ERR_ABORTED',
      sent: true,
      cause: { message: 'enough' },
    });
    await until(() => aborted.length === 1, 'the handler heard of it');
  });

  test('is known to a handler that asks for its signal only later', async () => {
    const gate = deferred();
    const asked: IncomingRequest<Peer>[] = [];
    const { here } = await twoPeers((peer) => {
      peer.handle('wait', (_, request) => {
        asked.push(request);
        return gate.promise;
      });
      peer.handle('echo', (params) => params);
    });
    await rejection(here.request('wait', null, { timeout: 1 }));
    // The answer shows that the cancel before it has come.
    await here.request('echo', 1);
    expect(asked[0]?.signal.aborted).toBe(true);
    gate.resolve();
  });

  test('before it asked never asks', async () => {
    const { here, asked } = await waiting();
    const signal = AbortSignal.abort();
    expect(await rejection(here.request('wait', null, { signal }))).toMatchObject({ sent: false });
    expect((await here.request('echo', 1)).result).toBe(1);
    expect(asked).toEqual([]);
  });

  test('while it stands in line behind other bytes was not sent, and never is', async () => {
    let socket: Socket | undefined;
    const port = await playServer((one) => {
      socket = one;
      one.write(HELLO);
    });
    const here = await dialPeer(port);
    const body = Buffer.alloc(2 ** 20);
    for (let i = 0; i < 30; i++) {
      here.notify('fill', i, { body }).catch(() => undefined);
    }
    expect(await rejection(here.request('secret', 1, { timeout: 10 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
      sent: false,
    });
    void here.notify('last');
    let tail = '';
    let isSeen = false;
    socket?.on('data', (bytes: Buffer) => {
      tail = tail.slice(-100) + bytes.toString('latin1');
      isSeen ||= tail.includes('secret');
    });
    await until(() => tail.includes('"last"'), 'all came');
    expect(isSeen).toBe(false);
  });

  test('and never comes back leaves no place taken', async () => {
    const { here } = await waiting();
    const given = Array.from({ length: 300 }, () =>
      rejection(here.request('wait', 0, { timeout: 1 })),
    );
    await Promise.all(given);
    expect((await here.request('echo', 'still here')).result).toBe('still here');
  });
});

describe('a request that the connection does not survive', () => {
  test('was sent when the other side had it, and the handler’s signal aborts', async () => {
    const { here, there, asked, aborted } = await waiting();
    const answer = rejection(here.request('wait'));
    await until(() => asked.length === 1, 'the handler runs');
    there.destroy();
    expect(await answer).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_CONNECTION_LOST',
      sent: true,
    });
    expect(aborted).toHaveLength(1);
  });

  test('was not sent when it waited for its turn', async () => {
    const { here, asked } = await waiting();
    const answers = Array.from({ length: 130 }, () => rejection(here.request('wait')));
    await until(() => asked.length === 128, 'all that may');
    here.destroy(new Error('why'));
    const sent = (await Promise.all(answers)).map((error) => Object(error).sent);
    expect(sent).toEqual([...Array.from({ length: 128 }, () => true), false, false]);
  });

  test('was not sent when there was no hello', async () => {
    const port = await playServer((socket) => socket.resume());
    let early: Promise<unknown> | undefined;
    const connected = rejection(
      dialPeer(port, {
        helloTimeout: 30,
        setup: (peer) => {
          early = rejection(peer.request('x'));
        },
      }),
    );
    expect(await connected).toMatchObject({ code: 'ERR_CONNECT', reason: 'ERR_PEER_SILENT' });
    expect(await early).toMatchObject({ code: 'ERR_PEER_SILENT', sent: false });
  });

  test('was not sent when it was made afterwards', async () => {
    const { here } = await waiting();
    here.destroy();
    for (const act of [here.request('x'), here.notify('x')]) {
      expect(await rejection(act)).toMatchObject({ code: 'ERR_CONNECTION_CLOSED', sent: false });
    }
    expect(() => here.open('x')).toThrow(
      expect.objectContaining({ code: 'ERR_CONNECTION_CLOSED' }),
    );
    expect(await rejection(here.ping())).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  });
});

test('a handler cannot be registered twice, nor without a function', async () => {
  const { here } = await twoPeers(() => undefined);
  here.handle('x', () => 1);
  expect(() => here.handle('x', () => 2)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
  expect(() => here.handleEvent('x', 5 as unknown as () => void)).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION' }),
  );
});

test('a ping says how long it took; 64 may be without an answer', async () => {
  const { here } = await twoPeers(() => undefined);
  expect(await here.ping()).toBeGreaterThanOrEqual(0);
  const port = await playServer((socket) => void socket.write(HELLO));
  const alone = await dialPeer(port);
  const pings = Array.from({ length: 64 }, () => rejection(alone.ping()));
  expect(await rejection(alone.ping())).toMatchObject({ code: 'ERR_QUEUE_FULL' });
  alone.destroy();
  for (const error of await Promise.all(pings)) {
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  }
});
