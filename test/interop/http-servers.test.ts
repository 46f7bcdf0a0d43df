// Apache, lighttpd and HAProxy: pipelined requests with keep-alive, bodies by length and chunked, over
// TCP and over TLS. nginx has a file of its own.

import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cert, key } from '../support/self-signed.ts';
import { portOf } from '../support/sockets.ts';

import { foreignServer } from './support/foreign-process.ts';
import type { Place } from './support/foreign-process.ts';
import { verdictOn } from './support/innocent.ts';
import { findProgram } from './support/software.ts';
import { giveFolder, userOf } from './support/users.ts';
import { freePort } from '../support/free-port.ts';

const apache = findProgram('apache2');
const lighttpd = findProgram('lighttpd');
const haproxy = findProgram('haproxy');

function request(line: string, ...rest: readonly string[]): Buffer {
  return Buffer.from([`${line} HTTP/1.1`, 'Host: localhost', ...rest].join('\r\n'));
}

/** What clocks decide. */
const normalize = /^(?:Date|Last-Modified|ETag): .*\r\n/im;

const hello = request('GET /hello.txt', 'Accept: text/plain', '', '');
const withBodies = [
  request('POST /a', 'Content-Length: 14', '', 'GET / HTTP/1.1'),
  hello,
  request(
    'POST /b',
    'Transfer-Encoding: chunked',
    '',
    '5\r\nhello\r\na;x=y\r\n, 世界!\n\r\n0\r\n\r\n',
  ),
  request('GET /hello.txt', 'Connection: close', '', ''),
];
const withoutBodies = [
  hello,
  request('HEAD /hello.txt', '', ''),
  request('GET /hello.txt', 'Range: bytes=1-3', '', ''),
  request('GET /missing', 'Connection: close', '', ''),
];

async function addFiles(folder: string): Promise<string> {
  const files = join(folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'hello.txt'), 'hello, 世界\n');
  return files;
}

/** One process with threads in the foreground; TLS at another port. */
function apacheLines({ port, folder }: Place, tlsPort: number): readonly string[] {
  const modules = ['mpm_event', 'authz_core', 'mime', 'dav', 'dav_fs', 'ssl'];
  return [
    `ServerRoot ${folder}`,
    'ServerName localhost',
    ...modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
    `Listen 127.0.0.1:${port}`,
    `Listen 127.0.0.1:${tlsPort}`,
    `PidFile ${folder}/pid`,
    `ErrorLog ${folder}/errors`,
    'TypesConfig /etc/mime.types',
    `DocumentRoot ${folder}/files`,
    'MaxKeepAliveRequests 0',
    `DavLockDB ${folder}/locks`,
    `<Directory ${folder}/files>`,
    'Dav On',
    'Require all granted',
    '</Directory>',
    `<VirtualHost 127.0.0.1:${tlsPort}>`,
    'SSLEngine on',
    `SSLCertificateFile ${folder}/cert.pem`,
    `SSLCertificateKeyFile ${folder}/key.pem`,
    '</VirtualHost>',
    '',
  ];
}

describe.skipIf(apache === undefined)('Apache (needs apache2)', () => {
  let tlsPort = 0;
  const server = foreignServer(async (place) => {
    const { folder } = place;
    const user = await userOf('www-data');
    await giveFolder(folder, user);
    await giveFolder(await addFiles(folder), user);
    tlsPort = await freePort();
    const file = join(folder, 'apache.conf');
    await writeFile(join(folder, 'cert.pem'), cert);
    await writeFile(join(folder, 'key.pem'), key);
    await writeFile(file, apacheLines(place, tlsPort).join('\n'));
    return { file: apache ?? '', args: ['-D', 'FOREGROUND', '-f', file], user };
  });
  const puts = [
    request('PUT /a', 'Content-Length: 14', '', 'GET / HTTP/1.1'),
    request('GET /a', '', ''),
    request(
      'PUT /b',
      'Transfer-Encoding: chunked',
      '',
      '5\r\nhello\r\na;x=y\r\n, 世界!\n\r\n0\r\n\r\n',
    ),
    request('GET /b', '', ''),
    request('DELETE /a', '', ''),
    request('DELETE /b', 'Connection: close', '', ''),
  ];

  test('answers the same however requests are cut', async () => {
    const to = `127.0.0.1:${server.port}`;
    const send = withoutBodies;
    expect(await verdictOn('apache', undefined, { to, send, normalize })).toBe('SAFE');
  });

  test('answers the same however bodies are cut', async () => {
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn('apache, PUT', undefined, { to, send: puts, normalize })).toBe('SAFE');
  });

  test('answers the same however requests are cut over TLS', async () => {
    const to = `localhost:${tlsPort}`;
    const options = { to, tls: { ca: cert }, send: withoutBodies, normalize };
    expect(await verdictOn('apache, TLS', undefined, options)).toBe('SAFE');
  });
});

describe.skipIf(lighttpd === undefined)('lighttpd (needs lighttpd)', () => {
  const server = foreignServer(async ({ port, folder }) => {
    const files = await addFiles(folder);
    const file = join(folder, 'lighttpd.conf');
    const lines = [
      `server.document-root = "${files}"`,
      'server.bind = "127.0.0.1"',
      `server.port = ${port}`,
      'server.max-keep-alive-requests = 10000',
      '',
    ];
    await writeFile(file, lines.join('\n'));
    return { file: lighttpd ?? '', args: ['-D', '-f', file] };
  });

  test.each([
    ['requests', withoutBodies],
    ['bodies', withBodies],
  ])('answers the same however %s are cut', async (name, send) => {
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn(`lighttpd, ${name}`, undefined, { to, send, normalize })).toBe('SAFE');
  });
});

describe.skipIf(haproxy === undefined)('HAProxy (needs haproxy)', () => {
  let backend: Server | undefined;
  beforeAll(async () => {
    // Gives back the body.
    backend = createServer((received, response) => {
      const body: Uint8Array[] = [];
      received.on('data', (chunk: Uint8Array) => body.push(chunk));
      received.on('end', () => response.end(`${received.url}: ${Buffer.concat(body).toString()}`));
    });
    await once(backend.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => {
    backend?.close();
    backend?.closeAllConnections();
  });
  const server = foreignServer(async ({ port, folder }) => {
    const file = join(folder, 'haproxy.cfg');
    const lines = [
      'defaults',
      '  mode http',
      '  timeout connect 5s',
      '  timeout client 30s',
      '  timeout server 30s',
      'frontend in',
      `  bind 127.0.0.1:${port}`,
      '  default_backend out',
      'backend out',
      `  server one 127.0.0.1:${backend === undefined ? 0 : portOf(backend)}`,
      '',
    ];
    await writeFile(file, lines.join('\n'));
    return { file: haproxy ?? '', args: ['-db', '-f', file] };
  });

  test('answers the same however requests to its backend are cut', async () => {
    const to = `127.0.0.1:${server.port}`;
    const send = withBodies;
    expect(await verdictOn('haproxy', undefined, { to, send, normalize })).toBe('SAFE');
  });
});
