// nginx: pipelined requests with keep-alive, bodies by Content-Length and chunked.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { foreignServer } from './support/foreign-process.ts';
import type { Place } from './support/foreign-process.ts';
import { SCHEDULES, prove, provingTime, safeAfter } from './support/proving.ts';
import { findProgram } from './support/software.ts';

const nginx = findProgram('nginx');

/** One process in the foreground; everything that it writes lands in the folder. */
function configuration({ port, folder }: Place): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (what) => `${what}_temp_path ${folder}/${what};`,
  );
  return `
    daemon off; master_process off; pid ${folder}/pid; error_log stderr;
    events { worker_connections 64; }
    http {
      access_log off; etag off; server_tokens off; default_type text/plain; keepalive_requests 10000;
      ${temporary.join('\n')}
      server {
        listen 127.0.0.1:${port};
        root ${folder}/files;
        location /hello { return 200 "hello, $arg_name\\n"; }
        location /files/ { dav_methods PUT DELETE; add_header Last-Modified ""; }
      }
    }`;
}

function request(line: string, ...rest: readonly string[]): Buffer {
  return Buffer.from([`${line} HTTP/1.1`, 'Host: localhost', ...rest].join('\r\n'));
}

function answer(body: string): string {
  return [
    'HTTP/1.1 200 OK',
    'Server: nginx',
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
    'Connection: keep-alive',
    '',
    body,
  ].join('\r\n');
}

/** What a clock decides. */
const dates = /^Date: .*\r\n/m;

describe.skipIf(nginx === undefined)('nginx (needs nginx-light)', () => {
  const server = foreignServer(async (place) => {
    const file = join(place.folder, 'nginx.conf');
    await mkdir(join(place.folder, 'files', 'files'), { recursive: true });
    await writeFile(file, configuration(place));
    return { file: nginx ?? '', args: ['-p', place.folder, '-c', file, '-e', 'stderr'] };
  });

  test(
    'answers the same however two pipelined requests are cut',
    { timeout: provingTime },
    async () => {
      const send = [
        request('GET /hello?name=one', 'Accept: text/plain', '', ''),
        request('GET /hello?name=two', 'Connection: keep-alive', '', ''),
      ];
      const seen = await prove('nginx, two requests', {
        port: server.port,
        send,
        expect: Buffer.from(answer('hello, one\n') + answer('hello, two\n')),
        normalize: dates,
      });
      expect(seen).toEqual(safeAfter(SCHEDULES));
    },
  );

  test(
    'answers the same however bodies are cut, by length and chunked',
    { timeout: provingTime },
    async () => {
      const send = [
        request('PUT /files/a', 'Content-Length: 14', '', 'GET / HTTP/1.1'),
        request('GET /files/a', '', ''),
        request(
          'PUT /files/b',
          'Transfer-Encoding: chunked',
          '',
          '5\r\nhello\r\na;x=y\r\n, 世界!\n\r\n0\r\n\r\n',
        ),
        request('GET /files/b', '', ''),
        request('DELETE /files/a', '', ''),
        request('DELETE /files/b', 'Connection: close', '', ''),
      ];
      const seen = await prove('nginx, bodies', { port: server.port, send, normalize: dates });
      expect(seen).toEqual(safeAfter(SCHEDULES));
    },
  );
});
