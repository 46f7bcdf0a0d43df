// Servers as child processes: faults at their start, and proof that no process stays behind.

import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test, onTestFinished } from 'vitest';
import { headline } from '../../src/prove/evidence/report-text.ts';
import { proveServer } from '../../src/prove/server/prove-server.ts';
import { isRunning } from '../support/targets.ts';
import { freePort } from '../support/free-port.ts';

const send = Buffer.from('hello\n');
const node = `'${process.execPath}'`;

/**
 * A server that echoes. Its first answer holds its own process id, and the id of a child that it has started.
 */
function echoCommand(port: number): string {
  const program = `
    process.on('SIGTERM', () => {});
    const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    require('net').createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => socket.write(process.pid + ' ' + child.pid + ' ' + chunk));
    }).listen(${port}, '127.0.0.1');`;
  return `${node} -e ${JSON.stringify(program.replaceAll('\n', ' '))}`;
}

describe('a spawned server', () => {
  test.skipIf(process.platform !== 'linux')(
    'is ended with everything that it started, also when it will not end (needs /proc)',
    async () => {
      const port = await freePort();
      const to = `127.0.0.1:${port}`;
      const report = await proveServer({ to, spawn: echoCommand(port), send, runs: 5 });
      const answer = Buffer.from(report.failure?.whole.bytes ?? []).toString();
      const pids = answer.split(' ').slice(0, 2).map(Number);
      expect(pids).toHaveLength(2);
      expect(pids.every((pid) => pid > 0)).toBe(true);
      await expect.poll(() => pids.filter(isRunning)).toEqual([]);
    },
  );

  test('is reported with its last words when it exits at once', async () => {
    const to = `127.0.0.1:${await freePort()}`;
    const report = await proveServer({ to, spawn: 'echo "no such module" >&2; exit 7', send });
    expect(headline(report)).toBe(
      'INCONCLUSIVE because the spawned command exited with code 7: "no such module"',
    );
  });

  test('is not started where something else listens', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const address = other.address();
    if (address === null || typeof address === 'string') {
      throw new Error('no port');
    }
    const to = { host: '127.0.0.1', port: address.port };
    const report = await proveServer({ to, spawn: 'exit 0', send });
    expect(headline(report)).toContain('something else listens on 127.0.0.1:');
  });

  test('is not waited for after an interruption', async () => {
    const to = `127.0.0.1:${await freePort()}`;
    const signal = AbortSignal.abort();
    const report = await proveServer({
      to,
      spawn: `${node} -e 'setInterval(() => {}, 1e6)'`,
      send,
      signal,
    });
    expect(headline(report)).toContain('it was interrupted');
  });
});
