// The clocks of a connection against remotes that are slow, that do not read or that are silent, and calls
// that may be given up. Bytes that move keep a connection alive, however slowly. Bytes that do not move do
// not.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed, lengthPrefixed } from '../../src/entries/main.ts';
import type { Connection, FramedOptions } from '../../src/entries/main.ts';
import { beBusy, hasArrivedFrom } from '../support/busy.ts';
import { hex, join } from '../support/bytes.ts';
import { ownTlsPair, tcpPair, tlsPair, unixPair, write } from '../support/sockets.ts';
import { breath, reached, rejection, settled, turns, until } from '../support/waiting.ts';

const SHORT_MS = 60;
const transports = { TCP: tcpPair, TLS: tlsPair, 'TLS of ours': ownTlsPair, unix: unixPair };

/** Lets the far side read at most `rate` bytes in a millisecond, for `ms` or until the connection has ended. */
async function sip(far: Socket, ms: number, rate: number): Promise<void> {
  const started = performance.now();
  far.on('data', () => far.pause());
  for (let passed = 0; passed < ms && !far.closed; passed = performance.now() - started) {
    if (far.bytesRead < passed * rate) {
      far.resume();
    }
    await breath();
  }
}

describe.each(Object.entries(transports))('a remote over %s', (_, open) => {
  const large = lengthPrefixed({ maxPayloadLength: 2 ** 28 });

  test('that reads nothing ends by sendTimeout, also while the handler waits in send', async () => {
    const { near } = await open();
    const connection = framed(near, large, { sendTimeout: SHORT_MS });
    const sent = rejection(connection.send(new Uint8Array(16_000_000)));
    expect(await sent).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_SEND_STALLED',
      limit: SHORT_MS,
    });
    expect(Object(await connection.closed).queued).toBeGreaterThan(0);
    expect(near.destroyed).toBe(true);
  });

  test('that reads nothing ends by idleTimeout, also while it has requests that nobody read', async () => {
    const { near, far } = await open();
    const connection = framed(near, large, { idleTimeout: SHORT_MS });
    await write(far, join([hex('00000001 61'), hex('00000001 62')]));
    await connection.receive();
    expect(await rejection(connection.send(new Uint8Array(16_000_000)))).toMatchObject({
      code: 'ERR_IDLE',
    });
  });

  /** Sends a large frame to a remote that reads slowly, for longer than the limits. Returns how that ended. */
  async function sendSlowly(limit: number): Promise<Error | undefined> {
    const { near, far } = await open();
    const connection = framed(near, large, { sendTimeout: limit, idleTimeout: limit });
    const sent = connection.send(new Uint8Array(64_000_000)).catch(() => undefined);
    await sip(far, 2.4 * limit, 12_000_000 / limit);
    const error = near.destroyed ? await connection.closed : undefined;
    const isQueued = connection.stats.queued > 0;
    far.removeAllListeners('data').resume();
    await sent;
    return error ?? (isQueued ? undefined : new Error('the remote did not read slowly'));
  }

  test('that reads slowly keeps a large frame going under both clocks', async () => {
    // The kernel opens its window by megabytes at a time. On a busy machine the remote needs longer for them
    // than the first limit, and then really nothing moves.
    const first = await sendSlowly(10 * SHORT_MS);
    expect(first === undefined ? first : await sendSlowly(50 * SHORT_MS)).toBeUndefined();
  });
});

/** Lets a large frame come slowly, for several times the limit. Returns what `receive` gave, and how long it took. */
async function comesSlowly(limit: number): Promise<{ given: unknown; times: number }> {
  const { near, far } = await tcpPair();
  const connection = framed(near, undefined, { frameTimeout: limit });
  const reading = connection.receive().catch((error: unknown) => error);
  await write(far, Buffer.from(SLOW_LENGTH.toString(16).padStart(8, '0'), 'hex'));
  const started = performance.now();
  let sent = 0;
  while (sent < SLOW_LENGTH && !near.destroyed) {
    const passed = performance.now() - started;
    const due = Math.min(SLOW_LENGTH, (passed / (limit / 2)) * 64 * 1024);
    if (due - sent >= 1024 || due === SLOW_LENGTH) {
      await write(far, Buffer.alloc(Math.floor(due) - sent)).catch(() => undefined);
      sent = Math.floor(due);
    }
    await breath();
  }
  return { given: await reading, times: (performance.now() - started) / limit };
}

const SLOW_LENGTH = 10 * 64 * 1024;

test('frameTimeout lets a large frame come slowly, while 64 KiB of it come in its time', async () => {
  // A busy machine may stop this process for longer than the first limit, and then really nothing comes.
  const first = await comesSlowly(300);
  const { given, times } = first.given instanceof Error ? await comesSlowly(3000) : first;
  expect(given).toHaveLength(SLOW_LENGTH);
  expect(times).toBeGreaterThan(3);
});

describe('idleTimeout', () => {
  test('takes a quarter more at most, also when a large write is stuck', async () => {
    const { near } = await tcpPair();
    const limit = 800;
    const connection = framed(near, undefined, { idleTimeout: limit });
    void connection.send(new Uint8Array(8_000_000));
    await settled(() => connection.stats.queued);
    await reached(performance.now() + 1.7 * limit);
    expect(near.destroyed).toBe(true);
    expect(await connection.closed).toMatchObject({ code: 'ERR_IDLE' });
  });

  test('ends a connection whose remote went while a frame of it lies unread', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, undefined, { idleTimeout: SHORT_MS });
    await write(far, join([hex('00000001 61'), hex('00000001 62')]));
    await connection.receive();
    far.destroy();
    const error = await connection.closed;
    expect(['ERR_IDLE', 'ERR_CONNECTION_LOST']).toContain(error?.code);
    expect(String(await connection.receive())).toBe('b');
  });

  test('does not read on and on from a remote that only writes', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, undefined, { idleTimeout: SHORT_MS });
    const frame = Buffer.concat(lengthPrefixed().encode(new Uint8Array(60_000)));
    for (let i = 0; i < 400; i++) {
      far.write(frame);
    }
    const error = await connection.closed;
    expect(error).toMatchObject({ code: 'ERR_IDLE' });
    expect(connection.stats.buffered).toBeLessThan(4 * 64 * 1024);
  });
});

async function pair(): Promise<{ connection: Connection<Uint8Array, Uint8Array>; far: Socket }> {
  const { near, far } = await tcpPair();
  return { connection: framed(near), far };
}

/** Calls a method with any options, as JavaScript code may. */
function call(verb: 'receive' | 'close', connection: object, options: unknown): Promise<unknown> {
  const method: (options: unknown) => Promise<unknown> = Reflect.get(connection, verb);
  return Reflect.apply(method, connection, [options]);
}

describe('a call that may be given up', () => {
  test('with timeout 0 gives what is there, also what lies in the kernel', async () => {
    const { connection, far } = await pair();
    expect(await rejection(connection.receive({ timeout: 0 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
      limit: 0,
    });
    await write(far, join([hex('00000001 61'), hex('00000001 62')]));
    await until(() => far.writableLength === 0, 'it is on its way');
    await turns(2);
    expect(String(await connection.receive({ timeout: 0 }))).toBe('a');
    expect(String(await connection.receive({ timeout: 0 }))).toBe('b');
    expect(await rejection(connection.receive({ timeout: 0 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
    });
  });

  test('by a signal leaves the value to the next reader', async () => {
    const { connection, far } = await pair();
    const controller = new AbortController();
    const given = rejection(connection.receive({ signal: controller.signal }));
    controller.abort();
    expect(await given).toMatchObject({ name: 'ConnectionError', code: 'ERR_ABORTED' });
    const next = connection.receive();
    await write(far, hex('00000001 61'));
    expect(String(await next)).toBe('a');
  });

  test('that is over leaves the next reader alone', async () => {
    const { connection, far } = await pair();
    const controller = new AbortController();
    const first = connection.receive({ signal: controller.signal, timeout: 50 });
    await write(far, hex('00000001 61'));
    expect(String(await first)).toBe('a');
    const second = connection.receive();
    controller.abort();
    await turns(5);
    await write(far, hex('00000001 62'));
    expect(String(await second)).toBe('b');
  });

  test.each<[string, object]>([
    ['misspelt', { timeoutMs: 20 }],
    ['text', { timeout: '20' }],
    ['no signal', { signal: {} }],
  ])('with an option that is %s is refused', async (_, options) => {
    const { connection } = await pair();
    expect(await rejection(connection.receive(options))).toMatchObject({ code: 'ERR_OPTION' });
    expect(await rejection(connection.send(hex('61'), Object(options)))).toMatchObject({
      code: 'ERR_OPTION',
    });
    expect(connection.stats.sent.frames).toBe(0);
  });

  test.each([null, 20, 'x'])('with %s for its options is refused', async (options) => {
    const { connection } = await pair();
    for (const verb of ['receive', 'close'] as const) {
      expect(await rejection(call(verb, connection, options))).toMatchObject({
        code: 'ERR_OPTION',
      });
    }
  });
});

/** Starts an echo in a process of its own, which answers after 20 ms. */
async function slowEcho(): Promise<Socket> {
  const program = `require('node:net').createServer((c) => c.on('error', () => {}).on('data', (d) => setTimeout(() => c.write(d), 20)))
    .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line]: Buffer[] = await once(child.stdout, 'data');
  const socket = connect(Number(String(line)), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

describe('in a process that was busy, an answer that came in time', () => {
  /** Much more than the echo needs: the time until this process is busy counts, too. */
  const LIMIT_MS = 300;

  test.each<[string, FramedOptions, number | undefined]>([
    ['is no timeout of receive', {}, LIMIT_MS],
    ['is no idle connection', { idleTimeout: LIMIT_MS }, undefined],
    ['is no stalled frame', { frameTimeout: LIMIT_MS }, undefined],
  ])('%s', async (_, options, timeout) => {
    const echo = await slowEcho();
    const connection = framed(echo, undefined, options);
    for (let i = 0; i < 3; i++) {
      await connection.send(hex('6869'));
      let isAnswered = false;
      const receiving =
        timeout === undefined ? connection.receive() : connection.receive({ timeout });
      const answer = receiving.finally(() => (isAnswered = true));
      await settled(() => connection.stats.queued, 3);
      // On a loaded machine the answer may already be here, and no more bytes will come.
      beBusy(2 * LIMIT_MS, () => isAnswered || hasArrivedFrom(Number(echo.remotePort)));
      expect(String(await answer)).toBe('hi');
    }
    connection.destroy();
  });
});
