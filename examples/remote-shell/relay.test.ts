// A relay, such as a program of another user on this machine, listens where the client connects, and passes
// every byte on. It gets neither the command line nor a connection that it could use.

import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Trial } from './testing/trial.ts';

test('a relay gets nothing', async () => {
  const trial = await Trial.start();
  const heard: Buffer[] = [];
  const relay = net.createServer((client) => {
    const server = net.connect(trial.port, '127.0.0.1').on('error', () => undefined);
    client.on('error', () => undefined).on('data', (piece) => heard.push(piece));
    client.pipe(server).pipe(client);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port } = relay.address() as AddressInfo;
  const { status, stdout, stderr } = await trial.run([
    '--port',
    String(port),
    'exec',
    'echo',
    'secret',
  ]);
  expect(stdout.toString()).toBe('');
  expect(stderr).toMatch(/^shell: The server refused the token\. .*relays the connection\.\n$/);
  expect(status).toBe(255);
  expect(Buffer.concat(heard).includes('secret')).toBe(false);
  expect(trial.audit.map(({ event }) => event)).toEqual(['listen', 'refuse']);
  relay.close();
  await trial.end();
});

test('two servers of one user live beside each other, and the newest that runs is found', async () => {
  const trial = await Trial.start(['--cwd', '/usr']);
  const first = trial.state;
  const second = trial.process(['serve', '--cwd', '/var']);
  await once(second.stdout ?? second, 'data');
  expect((await trial.run(['exec', 'pwd'])).stdout.toString()).toBe('/var\n');
  second.kill('SIGKILL');
  await once(second, 'close');
  expect((await trial.run(['exec', 'pwd'])).stdout.toString()).toBe('/usr\n');
  expect(trial.state).toEqual(first);
  await trial.end();
});
