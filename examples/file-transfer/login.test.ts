// Point 1 of the homework, the encrypted login: whom it lets in, and what an eavesdropper, a thief of the
// users file and a false server learn from it.

import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framed, messages } from '../../src/entries/main.ts';
import { cert, key } from '../../test/support/self-signed.ts';
import { login } from './client/login.ts';
import { password, sha256, World, writeRandom } from './testing/world.ts';

const MiB = 1024 * 1024;
let world: World;

beforeAll(async () => {
  world = await World.open({ quota: 1024 * MiB });
});
afterAll(() => world.end());

const here = '127.0.0.1';

describe('(1) encrypted login', () => {
  test('refuses a wrong password and an unknown user in the same words, and stops whoever guesses', async () => {
    const server = { host: here, port: world.port };
    const wrong = 'The server says "The user or the password is wrong."';
    await expect(login(server, { user: 'mallory', password: 'guess' })).rejects.toThrow(wrong);
    for (let times = 0; times < 5; times++) {
      await expect(login(server, { user: 'bob', password: 'guess' })).rejects.toThrow(wrong);
    }
    const locked = /Too many wrong passwords; try again in \d+ s/;
    await expect(login(server, { user: 'bob', password })).rejects.toThrow(locked);
    await world.log('not let in: "Too many wrong passwords');
    await world.peer('alice'); // Another user can still log in.
  });

  test('tells a client process in one line, with exit code 1', async () => {
    const client = await world.start(['pwd'], { user: 'nobody' }).ended;
    expect(client.stderr).toContain(
      'The server says "The user or the password is wrong." [E_LOGIN]\n',
    );
    expect(client.stderr).not.toContain('    at ');
    expect(client.code).toBe(1);
  });

  test('takes the password of the file that is named, whatever is in the environment', async () => {
    const file = world.here('password');
    await writeFile(file, 'another one\n');
    const client = await world.start(['--password-file', file, 'pwd']).ended;
    expect(client.stderr).toContain('is wrong." [E_LOGIN]\n');
    await writeFile(file, `${password}\n`);
    const right = await world.start(['--password-file', file, 'pwd']).ended;
    expect(right.stdout).toBe('/\n');
  });

  test('gives unknown users a salt, the same every time', async () => {
    const salts = [];
    for (const user of ['ghost', 'ghost', 'other', 'alice']) {
      const socket = connect(world.port, here);
      const connection = framed(socket, messages());
      await connection.send({ header: { user, nonce: 'n' } });
      const answer = await connection.receive();
      expect(answer?.header).toHaveProperty('cost');
      salts.push(String(answer?.header['salt']));
      connection.destroy();
    }
    expect(salts[1]).toBe(salts[0]);
    expect(new Set(salts).size).toBe(3);
    expect(new Set(salts.map((salt) => salt.length)).size).toBe(1);
  });

  test('sends no password, and nothing that could be sent again', async () => {
    const heard: Buffer[] = [];
    const listener = createServer((client) => {
      const server = connect(world.port, here);
      client.on('data', (chunk) => heard.push(chunk)).pipe(server);
      server.pipe(client).on('error', () => server.destroy());
      server.on('error', () => client.destroy());
    });
    await once(listener.listen(0, here), 'listening');
    const { port } = listener.address() as AddressInfo;
    const proofs = [];
    for (const time of [1, 2]) {
      heard.length = 0;
      const peer = await login({ host: here, port }, { user: 'alice', password });
      peer.destroy();
      const text = Buffer.concat(heard).toString();
      expect(text).toContain('alice');
      expect(text).not.toContain(password);
      proofs[time - 1] = /"proof":"([^"]+)"/.exec(text)?.[1];
    }
    listener.close();
    expect(proofs[0]).toBeDefined();
    expect(proofs[0]).not.toBe(proofs[1]);
  });

  test('keeps nothing on file that logs in: neither the password nor the key', async () => {
    const file = await readFile(join(world.root, 'users.json'), 'utf8');
    expect(file).not.toContain(password);
    const { users } = JSON.parse(file) as { users: Record<string, { storedKey: string }> };
    const stolen = users['alice']?.storedKey ?? '';
    const server = { host: here, port: world.port };
    await expect(login(server, { user: 'alice', password: stolen })).rejects.toThrow('is wrong');
  });

  test('does not trust a server that does not know the password', async () => {
    const fake = createServer((socket) => {
      const client = framed(socket, messages());
      void (async () => {
        await client.receive();
        const question = { salt: 'AAAA', nonce: 'n', cost: { n: 2 ** 14, r: 8, p: 1 } };
        await client.send({ header: question });
        await client.receive();
        await client.send({ header: { signature: Buffer.alloc(32).toString('base64') } });
      })();
    });
    await once(fake.listen(0, here), 'listening');
    const { port } = fake.address() as AddressInfo;
    const attempt = login({ host: here, port }, { user: 'alice', password });
    await expect(attempt).rejects.toThrow('The server does not know your password');
    fake.close();
  });

  test('runs over TLS, and says so to a client without', async () => {
    const [keyFile, certFile] = [world.here('key.pem'), world.here('cert.pem')];
    await writeFile(keyFile, key);
    await writeFile(certFile, cert);
    const secure = await World.open({ args: ['--tls-key', keyFile, '--tls-cert', certFile] });
    try {
      await writeRandom(secure.here('secret'), MiB);
      const client = await secure.run('--ca', certFile, '--host', 'localhost', 'put', 'secret');
      expect(client.stderr).not.toContain('E_');
      expect(await sha256(secure.home('secret'))).toBe(await sha256(secure.here('secret')));
      const plain = await secure.run('pwd');
      expect(plain.code).toBe(1);
      expect(plain.stderr).toContain('Does it need --tls? [E_LOGIN]\n');
      expect(plain.stdout).toBe('');
    } finally {
      await secure.end();
    }
  });
});
