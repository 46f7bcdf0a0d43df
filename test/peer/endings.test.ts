// How a connection of peers ends: in order, at once, by a loss, by silence, by a stranger.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Channel, Peer } from '../../src/entries/peer.ts';
import {
  HELLO,
  dialPeer,
  messageBytes,
  playClient,
  playServer,
  readToClose,
  startPeers,
  twoPeers,
} from '../support/peers.ts';
import { hex } from '../support/bytes.ts';
import { deferred, emitted, rejection, turns, until } from '../support/waiting.ts';

const hello = { version: 1, window: 1000, maxChannels: 2, maxPendingRequests: 2 };
const limits = { maxHeaderLength: 1000, maxBodyLength: 5000 };

describe('close', () => {
  test('of one side ends both, with no failure', async () => {
    const { here, there } = await twoPeers(() => undefined);
    await Promise.all([here.close(), there.closed]);
    expect([here.failure, there.failure]).toEqual([undefined, undefined]);
    await here.close();
  });

  test('of both sides at once likewise', async () => {
    const { here, there } = await twoPeers(() => undefined);
    await Promise.all([here.close(), there.close()]);
    expect([here.failure, there.failure]).toEqual([undefined, undefined]);
  });

  test('waits for requests of both sides, and takes no new ones', async () => {
    const gate = deferred();
    const answer = async (params: unknown): Promise<unknown> => {
      await gate.promise;
      return params;
    };
    const { here, there } = await twoPeers((peer) => peer.handle('wait', answer));
    here.handle('wait', answer);
    const answers = [here.request('wait', 'ours'), there.request('wait', 'theirs')];
    await here.ping();
    const closing = here.close();
    expect(await rejection(here.request('wait'))).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
      sent: false,
    });
    // Its close is on its way; there, too, nothing new is started then.
    await here.ping();
    expect(await rejection(there.request('wait'))).toMatchObject({ sent: false });
    gate.resolve();
    expect((await Promise.all(answers)).map(({ result }) => result)).toEqual(['ours', 'theirs']);
    await closing;
    await there.closed;
    expect(there.failure).toBeUndefined();
  });

  test('waits for channels that are open, with all their bytes', async () => {
    let far: Channel | undefined;
    const { here, there } = await twoPeers((peer) => {
      peer.handleChannel('take', (channel) => {
        far = channel;
      });
    });
    const near = here.open('take');
    near.end(Buffer.alloc(2 ** 20));
    const closing = here.close();
    await until(() => far !== undefined, 'it came');
    let read = 0;
    far?.on('data', (bytes: Buffer) => {
      read += bytes.length;
    });
    near.resume();
    await turns(5);
    far?.end();
    await closing;
    await there.closed;
    expect(read).toBe(2 ** 20);
    expect([here.failure, there.failure]).toEqual([undefined, undefined]);
  });

  test('sends first what waited for its turn', async () => {
    const heard: unknown[] = [];
    const { here } = await twoPeers((peer) => peer.handle('note', (params) => heard.push(params)));
    const answers = Array.from({ length: 500 }, (_, i) => here.request('note', i));
    await here.close();
    await Promise.all(answers);
    expect(heard).toHaveLength(500);
  });

  test('within a time cuts off what is not done by then, and says so', async () => {
    const { here } = await twoPeers((peer) => peer.handle('never', () => deferred().promise));
    const answer = rejection(here.request('never'));
    const late = { name: 'ConnectionError', code: 'ERR_TIMEOUT', limit: 30, reason: 'within' };
    expect(await rejection(here.close({ within: 30 }))).toMatchObject(late);
    expect(await answer).toMatchObject({ code: 'ERR_CONNECTION_CLOSED', sent: true });
    expect(await here.closed).toMatchObject(late);
  });

  test('tells those who wait for their turn over there that they were not sent', async () => {
    const gate = deferred();
    const { here, there } = await twoPeers(
      (peer) =>
        peer.handle('wait', async () => {
          await gate.promise;
        }),
      { maxPendingRequests: 1 },
    );
    const first = here.request('wait');
    const second = rejection(here.request('wait'));
    const closing = there.close();
    expect(await second).toMatchObject({ code: 'ERR_CONNECTION_CLOSED', sent: false });
    gate.resolve();
    await first;
    await closing;
  });

  test('ends also with a remote that never ends its side', async () => {
    const port = await playServer((socket) => {
      socket.write(Buffer.concat([HELLO, messageBytes({ kind: 'close' })]));
      socket.resume();
    });
    const here = await dialPeer(port);
    await here.close();
    expect(here.closed).toBeInstanceOf(Promise);
  });
});

describe('destroy', () => {
  test('ends at once, and says why to everybody who waits', async () => {
    const { here, there } = await twoPeers((peer) =>
      peer.handle('never', () => deferred().promise),
    );
    const answer = rejection(here.request('never'));
    const channel = here.open('x');
    here.destroy(new Error('because'));
    await here.closed;
    for (const error of [await answer, channel.errored]) {
      expect(error).toMatchObject({ code: 'ERR_CONNECTION_CLOSED', reason: 'destroyed' });
    }
    expect(here.failure).toMatchObject({ cause: { message: 'because' } });
    await there.closed;
    expect(there.failure).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    here.destroy();
  });

  test('before the hello rejects ready', async () => {
    const port = await playServer((socket) => socket.resume());
    const given: Peer[] = [];
    const connecting = rejection(dialPeer(port, { setup: (peer) => void given.push(peer) }));
    await until(() => given.length === 1, 'it was set up');
    given[0]?.destroy();
    expect(await rejection(Promise.resolve(given[0]?.ready))).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
    });
    expect(await connecting).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  });
});

describe('a loss', () => {
  test('is a connection that ends without a close, however politely', async () => {
    const port = await playServer((socket) => void socket.end(HELLO));
    const here = await dialPeer(port);
    await here.closed;
    expect(here.failure).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_CONNECTION_LOST',
      reason: 'end',
    });
  });

  test('is a connection that is reset', async () => {
    const port = await playServer((socket) => {
      socket.write(HELLO);
      socket.once('data', () => socket.resetAndDestroy());
    });
    const here = await dialPeer(port);
    const answer = rejection(here.request('x'));
    await here.closed;
    expect(here.failure).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(await answer).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test('is an end within a message', async () => {
    const port = await playServer((socket) => {
      socket.end(Buffer.concat([HELLO, messageBytes({ kind: 'ping', id: 1 }).subarray(0, 9)]));
    });
    const here = await dialPeer(port);
    await here.closed;
    expect(here.failure).toMatchObject({ code: 'ERR_FRAME_TRUNCATED' });
  });

  test('after the close and before the last answer is one', async () => {
    const port = await playServer((socket) => {
      socket.write(HELLO);
      socket.once('data', () => socket.end(messageBytes({ kind: 'close' })));
    });
    const here = await dialPeer(port);
    const answer = rejection(here.request('x'));
    await here.closed;
    expect(here.failure).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(await answer).toMatchObject({ sent: true });
  });
});

describe('silence', () => {
  test('before the hello ends the connection after helloTimeout', async () => {
    const server = await startPeers(() => undefined, { helloTimeout: 30 });
    const stranger = await playClient(server.port);
    const said = await readToClose(stranger);
    // Its own hello, and no more.
    expect(said.readUInt32BE(0)).toBe(said.length - 4);
    await until(() => server.peers.size === 0, 'it is gone');
  });

  test('of a remote that drips its hello does, too', async () => {
    const gone: Peer[] = [];
    const server = await startPeers((peer) => void gone.push(peer), { helloTimeout: 60 });
    const stranger = await playClient(server.port);
    stranger.write(hex('00000ff0'));
    for (let sent = 0; sent < 4000 && gone[0]?.failure === undefined; sent++) {
      stranger.write('{');
      await turns(3);
    }
    // It may see a FIN or a reset: bytes of it were on their way.
    await until(() => gone[0]?.failure !== undefined, 'the stranger is shown out');
    expect(gone[0]?.failure).toMatchObject({ code: 'ERR_PEER_SILENT', reason: 'hello', limit: 60 });
  });

  test('of a remote that stopped reading and answering is found by the heartbeat', async () => {
    const port = await playServer((socket) => {
      socket.write(HELLO);
      socket.pause();
    });
    const here = await dialPeer(port, { heartbeatInterval: 30, heartbeatTimeout: 30 });
    // More than the sockets hold: the ping itself is stuck behind it.
    void here.notify('x', null, { body: Buffer.alloc(2 ** 20) }).catch(() => undefined);
    const channel = here.open('x');
    channel.write(Buffer.alloc(2 ** 22));
    await here.closed;
    expect(here.failure).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_PEER_SILENT',
      reason: 'heartbeat',
      limit: 30,
    });
  });

  test('is none when two idle peers ask each other', async () => {
    const { here, there } = await twoPeers(() => undefined, {
      heartbeatInterval: 5,
      heartbeatTimeout: 5000,
    });
    const since = performance.now();
    await until(() => performance.now() - since > 60, 'some heartbeats');
    expect([here.failure, there.failure]).toEqual([undefined, undefined]);
    await here.ping();
  });
});

describe('a stranger', () => {
  test.each([
    ['an HTTP client', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'ERR_MESSAGE_HEADER_TOO_LARGE'],
    ['zeros', Buffer.alloc(100), 'ERR_MESSAGE_HEADER_INVALID'],
    ['another program of ours', messageBytes({ hi: 1 }), 'ERR_PEER_PROTOCOL'],
    [
      'a hello that is too long',
      messageBytes({ kind: 'hello', x: 'x'.repeat(5000) }),
      'ERR_PEER_PROTOCOL',
    ],
    [
      'a hello with a long body',
      messageBytes({ kind: 'hello' }, 'x'.repeat(5000)),
      'ERR_PEER_PROTOCOL',
    ],
    [
      'a peer of another version',
      messageBytes({ kind: 'hello', ...hello, ...limits, version: 2 }),
      'ERR_PEER_VERSION',
    ],
    ['a message before the hello', messageBytes({ kind: 'ping', id: 1 }), 'ERR_PEER_PROTOCOL'],
    ['a hello and garbage', Buffer.concat([HELLO, Buffer.alloc(8)]), 'ERR_MESSAGE_HEADER_INVALID'],
  ])('that is %s is shown the door', async (_, bytes, code) => {
    const met: Peer[] = [];
    const server = await startPeers((peer) => void met.push(peer));
    const stranger = await playClient(server.port);
    const over = readToClose(stranger);
    stranger.write(bytes);
    const said = await over;
    expect(said.subarray(4, 18).toString()).toBe('{"kind":"hello');
    await met[0]?.closed;
    expect(met[0]?.failure).toMatchObject({ name: 'ProtocolError', code });
    // Whoever comes next is served.
    const next = await dialPeer(server.port);
    await next.ping();
  });

  test('of another version is told so on connecting, once', async () => {
    let calls = 0;
    const port = await playServer((socket) => {
      calls++;
      socket.write(messageBytes({ kind: 'hello', ...hello, ...limits, version: 7 }));
      socket.resume();
    });
    expect(await rejection(dialPeer(port, { retry: {} }))).toMatchObject({
      name: 'ProtocolError',
      code: 'ERR_PEER_VERSION',
    });
    expect(calls).toBe(1);
  });

  test('that floods and does not read is found out, and the process does not grow with it', async () => {
    const met: Peer[] = [];
    const server = await startPeers((peer) => void met.push(peer), { floodRate: Infinity });
    const stranger = await playClient(server.port);
    stranger.pause();
    stranger.write(HELLO);
    for (
      let id = 1;
      !stranger.destroyed && met[0]?.failure === undefined && id < 2_000_000;
      id += 1000
    ) {
      const pings = Array.from({ length: 1000 }, (_, i) =>
        messageBytes({ kind: 'ping', id: id + i }),
      );
      if (!stranger.write(Buffer.concat(pings))) {
        await Promise.race([once(stranger, 'drain'), met[0]?.closed]);
      }
    }
    await met[0]?.closed;
    expect(met[0]?.failure).toMatchObject({ code: 'ERR_PEER_PROTOCOL' });
  });

  test('that sends a message slower than frameTimeout is cut off', async () => {
    const met: Peer[] = [];
    const server = await startPeers((peer) => void met.push(peer), { frameTimeout: 40 });
    const stranger = await playClient(server.port);
    stranger.resume();
    stranger.write(Buffer.concat([HELLO, messageBytes({ kind: 'ping', id: 1 }).subarray(0, 6)]));
    await emitted(stranger, 'close');
    expect(met[0]?.failure).toMatchObject({ code: 'ERR_FRAME_STALLED' });
  });
});
