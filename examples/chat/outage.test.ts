// The client when its server dies, comes back, or falls silent, with real processes.

import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { emitted } from '../../test/support/waiting.ts';
import { onStage } from '../support/stage.ts';
import { freePort } from '../../test/support/free-port.ts';

test('a client connects again under its name, enters its rooms, and says what was not sent', () =>
  onStage(import.meta.url, async (stage) => {
    const port = await freePort();
    const { server } = await stage.serve('server.ts', ['--port', port]);
    const client = stage.start('client.ts', ['--port', port, '--nick', 'anna', '--reconnect']);
    await client.line('you are in lobby');
    client.type('/join music\n');
    await client.line('you are in music');
    server.child.kill('SIGKILL');
    await client.line(/^! .* Trying again; what you type is not sent\.$/);
    client.type('into the void\n');
    await client.line('! Not sent: there is no connection.');
    await stage.serve('server.ts', ['--port', port]);
    await client.line('connected again');
    await client.line('you are in lobby');
    await client.line('you are in music');
    client.type('heard\nquit\n');
    await client.line('[music] anna: heard');
    expect((await client.ended).code).toBe(0);
    expect(client.stdout).not.toContain('into the void');
  }));

test('a server that takes connections and breaks them has not come back', () =>
  onStage(import.meta.url, async (stage) => {
    const port = await freePort();
    const { server } = await stage.serve('server.ts', ['--port', port]);
    const client = stage.start('client.ts', ['--port', port, '--nick', 'anna', '--reconnect']);
    await client.line('you are in lobby');
    server.child.kill('SIGKILL');
    await client.line('Trying again');
    const dying = createServer((socket) => void socket.resetAndDestroy());
    await emitted(dying.listen(Number(port), '127.0.0.1'), 'listening');
    await emitted(dying, 'connection');
    client.type('/nick berta\ninto the void\n');
    await client.line('! Not sent: there is no connection.');
    await client.line('! Not sent: there is no connection.');
    await emitted(dying, 'connection');
    await emitted(dying.close(), 'close');
    await stage.serve('server.ts', ['--port', port]);
    await client.line('connected again');
    await client.line('you are in lobby');
    client.type('heard\nquit\n');
    const { stdout, code } = await client.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('[lobby] anna: heard');
    expect(stdout).not.toContain('into the void');
    expect(stdout.match(/Trying again/g)).toHaveLength(1);
    expect(stdout.match(/connected again/g)).toHaveLength(1);
  }));

test('a client tells after 15 s without a sign of life that the network is dead', () =>
  onStage(import.meta.url, async (stage) => {
    const { server, port } = await stage.serve();
    const client = stage.start('client.ts', ['--port', port, '--nick', 'anna']);
    await client.line('you are in lobby');
    const begun = performance.now();
    server.child.kill('SIGSTOP');
    try {
      const { stderr, code } = await client.ended;
      expect(stderr).toBe('The server does not answer any more.\n');
      expect(code).toBe(1);
      // 16 s, and the end of the process, which takes longer on a busy machine.
      expect(performance.now() - begun).toBeLessThan(30_000);
    } finally {
      server.child.kill('SIGCONT');
    }
  }));

test('a client that is quiet for long stays', () =>
  onStage(import.meta.url, async (stage) => {
    const { port } = await stage.serve();
    const client = stage.start('client.ts', ['--port', port, '--nick', 'anna']);
    await client.line('you are in lobby');
    const quiet = client.line('never', { patience: 18_000 });
    await expect(quiet).rejects.toThrow('still runs');
    client.type('hello\nbye\n');
    expect((await client.ended).stdout).toContain('[lobby] anna: hello');
  }));

test('a line that is too long for any server is not sent, and the client stays', () =>
  onStage(import.meta.url, async (stage) => {
    const { port } = await stage.serve();
    const client = stage.start('client.ts', ['--port', port, '--nick', 'anna']);
    client.type(
      `${'x'.repeat(70_000)}\n/join ${'y'.repeat(5000)}\n${'z'.repeat(10_000)}\nstill\nexit\n`,
    );
    const { stdout, code } = await client.ended;
    expect(stdout.match(/! That line is too long for any server/g)).toHaveLength(2);
    expect(stdout).toContain('! A text may have 2000 characters; that one has 10000.');
    expect(stdout).toContain('anna: still');
    expect(code).toBe(0);
  }));
