// Servers with faults that do not come from cuts, and wrong options.

import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test, onTestFinished } from 'vitest';
import { headline } from '../../src/prove/evidence/report-text.ts';
import { proveServer } from '../../src/prove/server/prove-server.ts';
import type { ProveServerOptions } from '../../src/prove/server/options.ts';
import type { ServerReport } from '../../src/prove/evidence/report.ts';
import { parseOp } from '../../src/schedule/schedule.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { freePort } from '../support/free-port.ts';

const hello = Buffer.from('hello\n');

function scheduleOf(...ops: string[]): Schedule {
  return { v: 1, seed: 0, direction: 'to-server', ops: ops.map(parseOp) };
}

async function listen(onSocket: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onSocket(socket);
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return address.port;
}

async function prove(
  onSocket: (socket: net.Socket) => void,
  options: Partial<ProveServerOptions> = {},
): Promise<ServerReport> {
  const port = await listen(onSocket);
  const to = { host: '127.0.0.1', port };
  return proveServer({ to, send: hello, runs: 12, seed: 1, patience: 400, ...options });
}

/** Answers each line with the same line, however it was cut. */
function answerLines(socket: net.Socket): void {
  let pending = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    const lines = `${pending}${text}`.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      socket.write(`<${line}>\n`, 'latin1');
    }
  });
}

/** Fails only when the last three bytes come alone. */
function breaksOnLo(socket: net.Socket): void {
  socket.on('data', (chunk) => socket.write(chunk.toString() === 'lo\n' ? '!!!' : chunk));
}

describe('proveServer', () => {
  test('finds nothing wrong with a right server in this process', async () => {
    const report = await prove(answerLines, { send: [hello, Buffer.from('again\n')] });
    expect(headline(report)).toMatch(/^SAFE after \d+ cut schedules$/);
  });

  test('takes the end of the connection for part of the answer', async () => {
    const report = await prove((socket) => {
      socket.on('data', (chunk) => socket.write(chunk));
      socket.on('data', (chunk) => chunk.length < hello.length && socket.end());
    });
    expect(report.verdict).toBe('BROKEN');
  });

  test('proves a server that closes after each answer', async () => {
    const report = await prove((socket) => {
      let received = 0;
      socket.on('data', (chunk) => {
        received += chunk.length;
        if (received >= hello.length) {
          socket.end('bye');
        }
      });
    });
    expect(headline(report)).toMatch(/^SAFE/);
  });

  test('proves a server that answers at the end of its input', async () => {
    const report = await prove(
      (socket) => {
        let received = 0;
        socket.on('data', (chunk) => {
          received += chunk.length;
        });
        socket.on('end', () => socket.end(`${received} bytes`));
      },
      { until: 'eof' },
    );
    expect(headline(report)).toMatch(/^SAFE/);
  });

  test('waits for silence where it is told to', async () => {
    const report = await prove(answerLines, { until: { idle: 20 }, runs: 5 });
    expect(headline(report)).toMatch(/^SAFE after [45] cut schedules/);
  });

  test('checks the whole answer against the expected one', async () => {
    const right = await prove(answerLines, { expect: Buffer.from('<hello>\n'), runs: 3 });
    expect(right.verdict).toBe('SAFE');
    const wrong = await prove(answerLines, { expect: Buffer.from('<hell0>\n') });
    expect(headline(wrong)).toContain('differs from the expected answer at byte 5');
  });

  test('shrinks a failure of random schedules to the one cut that matters', async () => {
    const replay = scheduleOf('cut 1', 'cut 1', 'cut 1', 'cut 1');
    const replayed = await prove(breaksOnLo, { replay });
    expect(replayed.verdict).toBe('SAFE');
    const found = await prove(breaksOnLo);
    expect(found.failure?.schedule.ops).toEqual([{ kind: 'cut', n: 3 }]);
  });
});

describe('proveServer on a server that gives no verdict', () => {
  test('says that no process listens', async () => {
    const port = await freePort();
    const report = await proveServer({ to: `127.0.0.1:${port}`, send: hello });
    expect(headline(report)).toContain(`no process accepts connections on 127.0.0.1:${port}`);
  });

  test('says that it answers nothing', async () => {
    const silent = await prove((socket) => socket.resume(), { patience: 50 });
    expect(headline(silent)).toContain('answered nothing to the whole requests within 50 ms');
    const closing = await prove((socket) => socket.end());
    expect(headline(closing)).toContain('answered nothing to the whole requests and ended');
  });

  test('says that it floods', async () => {
    const report = await prove((socket) => {
      const chunk = Buffer.alloc(1 << 20);
      const flood = (): void => {
        while (!socket.destroyed && socket.write(chunk)) {}
      };
      socket.once('data', flood).on('drain', flood);
    });
    expect(headline(report)).toContain('the server floods');
  });

  test('says that it is not deterministic', async () => {
    let count = 0;
    const report = await prove((socket) =>
      socket.on('data', () => socket.write(`${(count += 1)}`)),
    );
    expect(headline(report)).toContain('not deterministic');
  });

  test('does not blame a schedule when the server goes wrong for good', async () => {
    let connections = 0;
    const report = await prove((socket) => {
      connections += 1;
      const isWell = connections < 5;
      socket.on('data', (chunk) => socket.write(isWell ? chunk : Buffer.from('?????????')));
    });
    expect(headline(report)).toContain('no longer answers the whole requests');
  });

  test('does not blame a schedule when the server goes wrong once', async () => {
    let connections = 0;
    const report = await prove((socket) => {
      connections += 1;
      const isWell = connections !== 5;
      socket.on('data', (chunk) => socket.write(isWell ? chunk : Buffer.from('?????????')));
    });
    expect(headline(report)).toContain('differed once and not again');
    expect(report.failure?.confirmations).toBe(0);
  });

  test('ends early when it is told to', async () => {
    const report = await prove(answerLines, { signal: AbortSignal.abort() });
    expect(headline(report)).toContain('it was interrupted');
  });
});

describe('proveServer refuses', () => {
  const to = '127.0.0.1:9';
  test.each<[string, Partial<ProveServerOptions>]>([
    ['an address without a port', { to: 'localhost' }],
    ['a port out of range', { to: ':70000' }],
    ['nothing to send', { send: [] }],
    ['an empty request', { send: new Uint8Array(0) }],
    ['no runs', { runs: 0 }],
    ['half a run', { runs: 1.5 }],
    ['a seed below zero', { seed: -1 }],
    ['a new process without a command', { fresh: 'process' }],
    ['an empty replay', { replay: [] }],
    ['an idle time of nothing', { until: { idle: 0 } }],
  ])('%s', async (_, options) => {
    await expect(proveServer({ to, send: hello, ...options })).rejects.toMatchObject({
      code: 'ERR_OPTION',
    });
  });

  test.each<[string, Schedule]>([
    ['ops beyond the bytes', scheduleOf('cut 7')],
    ['a schedule that ends early', scheduleOf('cut 2', 'fin@3')],
    ['a schedule that stalls', scheduleOf('stall')],
    ['a schedule for answers', { ...scheduleOf('cut 2'), direction: 'to-client' }],
  ])('to replay %s', async (_, replay) => {
    await expect(proveServer({ to, send: hello, replay })).rejects.toMatchObject({
      code: 'ERR_SCHEDULE',
    });
  });
});
