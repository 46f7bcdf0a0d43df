// The server of `inspect --web`: which requests are accepted, what they are answered, and that a slow page
// does not hold up the inspection.

import { once } from 'node:events';
import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import net from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebEvents } from '../../src/cli/web-events.ts';
import { WebServer } from '../../src/cli/web-server.ts';
import type { Inspection } from '../../src/trace/inspection.ts';
import { hex } from '../support/bytes.ts';
import { portOf } from '../support/sockets.ts';
import { inspectionOf, say } from '../trace/tracing.ts';

const PAGE =
  '<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src \'none\'"><title>p</title>';

interface Opened {
  readonly server: WebServer;
  readonly inspection: Inspection;
  readonly url: URL;
}

async function open(): Promise<Opened> {
  const inspection = inspectionOf('u32be', { isLive: true });
  const server = await WebServer.open({ port: 0, page: PAGE, inspection });
  inspection.watch(server.announce);
  onTestFinished(() => server.close());
  return { server, inspection, url: new URL(server.url) };
}

/** Connects as a page does. */
function connect(url: URL): net.Socket {
  const socket = net.connect(Number(url.port), url.hostname);
  socket.write(`GET ${url.pathname}events HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function untilText(socket: net.Socket, wanted: RegExp): Promise<string> {
  let text = '';
  socket.setEncoding('latin1');
  for await (const chunk of socket) {
    text += String(chunk);
    if (wanted.test(text)) {
      return text;
    }
  }
  throw new Error(`ended before ${wanted}: ${text.slice(-500)}`);
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

async function ask(
  url: URL,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { hostname, port } = url;
  const request = http.request({ hostname, port, path, method, headers, agent: false }).end();
  const [response]: IncomingMessage[] = await once(request, 'response');
  const chunks: Buffer[] = (await response?.toArray()) ?? [];
  return {
    status: response?.statusCode,
    headers: response?.headers ?? {},
    text: Buffer.concat(chunks).toString(),
  };
}

describe('the server of a page', () => {
  test('listens on 127.0.0.1 only, under a token that differs each time', async () => {
    const [one, other] = [await open(), await open()];
    expect(one.url.hostname).toBe('127.0.0.1');
    expect(one.url.pathname).toMatch(/^\/[\w-]{22}\/$/);
    expect(one.url.pathname).not.toBe(other.url.pathname);
    const socket = net.connect({ host: '127.0.0.2', port: Number(one.url.port) });
    const [error]: Error[] = await once(socket, 'error');
    expect(error?.message).toContain('ECONNREFUSED');
  });

  test('gives the page with its policy, and lets nobody cache it', async () => {
    const { url } = await open();
    const { status, headers, text } = await ask(url, url.pathname);
    expect([status, text]).toEqual([200, PAGE]);
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  test('says that a port is taken', async () => {
    const { url, inspection } = await open();
    const again = WebServer.open({ port: Number(url.port), page: PAGE, inspection });
    await expect(again).rejects.toMatchObject({
      code: 'ERR_LISTEN',
      message: `Cannot listen on 127.0.0.1:${url.port}: EADDRINUSE.`,
    });
  });

  test.each([
    ['its address', {}],
    ['localhost', { host: 'localhost' }],
    ['its own origin', { origin: 'own' }],
    ['a person who opens it', { 'sec-fetch-site': 'none' }],
  ])('lets in %s', async (_, given: Readonly<Record<string, string>>) => {
    const { url } = await open();
    const headers: Record<string, string> = { ...given };
    if (given['host'] !== undefined) {
      headers['host'] = `localhost:${url.port}`;
    }
    if (given['origin'] !== undefined) {
      headers['origin'] = url.origin;
    }
    expect((await ask(url, `${url.pathname}state`, { headers })).status).toBe(200);
  });

  const refused: readonly [string, number, (url: URL) => Parameters<typeof ask>[1], object][] = [
    ['a wrong token', 404, () => '/wrong/state', {}],
    ['no token', 404, () => '/state', {}],
    ['a token that is a prefix', 404, (url) => `${url.pathname.slice(0, -2)}/state`, {}],
    [
      'a name that another DNS server gave',
      403,
      (url) => `${url.pathname}state`,
      { headers: { host: 'evil.example' } },
    ],
    [
      'the port of another server',
      403,
      (url) => `${url.pathname}state`,
      { headers: { host: '127.0.0.1:1' } },
    ],
    [
      'the page of another origin',
      403,
      (url) => `${url.pathname}state`,
      { headers: { origin: 'https://evil.example' } },
    ],
    [
      'a page without an origin',
      403,
      (url) => `${url.pathname}state`,
      { headers: { origin: 'null' } },
    ],
    [
      'a request that another site began',
      403,
      (url) => `${url.pathname}events`,
      { headers: { 'sec-fetch-site': 'cross-site' } },
    ],
    ['a request that changes something', 405, (url) => `${url.pathname}state`, { method: 'POST' }],
  ];
  test.each(refused)('refuses %s', async (_, expected, path, options) => {
    const { url } = await open();
    const { status, text, headers } = await ask(url, path(url), options);
    expect([status, text]).toEqual([expected, 'Refused.\n']);
    expect(headers['access-control-allow-origin']).toBe(undefined);
  });

  test.each([
    ['rows?from=x&count=1', 400],
    ['rows?from=0', 400],
    ['rows?from=0&count=-5', 400],
    ['rows?from=0&count=1&direction=up', 400],
    ['rows?from=0&count=99999999999999999', 400],
    ['detail?id=7', 410],
    ['__proto__', 404],
    ['toString', 404],
    ['../state', 404],
  ])('answers %s with %i and a sentence', async (path, expected) => {
    const { url } = await open();
    const { status, text } = await ask(url, `${url.pathname}${path}`);
    expect(status).toBe(expected);
    expect(JSON.parse(text)).toEqual({ problem: expect.stringMatching(/\.$/) });
  });

  test('answers what a page asks', async () => {
    const { url, inspection } = await open();
    say(inspection, [hex('00000005 68656c6c6f'), hex('00000002 6869')]);
    const get = async (path: string): Promise<unknown> =>
      JSON.parse((await ask(url, `${url.pathname}${path}`)).text);
    expect(await get('state')).toMatchObject({ end: 2, conversations: 1, isLive: true });
    expect(await get('rows?from=1&count=10&direction=a%3Eb')).toMatchObject({
      end: 2,
      rows: [{ frame: 1 }],
    });
    expect(await get('find?text=hi&from=0')).toEqual({ kind: 'found', position: 1, id: 1 });
    expect(await get('position?id=1&conversation=0')).toEqual({ position: 1 });
    expect(await get('conversations?from=0&count=10')).toMatchObject({ end: 1 });
    expect(await get('detail?id=1')).toMatchObject({ row: { id: 1 } });
  });
});

describe('the live connection', () => {
  test('tells the state at once, and what it has become', async () => {
    const { url, inspection } = await open();
    const socket = connect(url);
    await once(socket, 'data');
    say(inspection, [hex('00000002 6869')]);
    const text = await untilText(socket, /"end":1,/);
    expect(text).toContain('data: {"version":1');
  });

  test('queues nothing for a page that does not read, and tells it the last state later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    // More than the buffers of the kernel take from a server whose client does not read.
    const filler = 'x'.repeat(16 * 1024 * 1024);
    let turn = 0;
    const events = new WebEvents(() => `${turn} ${filler}`);
    const responses: http.ServerResponse[] = [];
    const server = http.createServer((_, response) => {
      responses.push(response);
      events.add(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const slow = connect(new URL(`http://127.0.0.1:${portOf(server)}/`));
    await once(slow, 'data');
    slow.pause();
    for (turn = 1; turn < 50; turn++) {
      events.announce();
      vi.advanceTimersByTime(100);
    }
    expect(responses[0]?.writableLength).toBeLessThan(1.5 * filler.length);
    const last = untilText(slow, /data: 50 x/);
    await once(responses[0] ?? slow, 'drain');
    vi.advanceTimersByTime(100);
    expect((await last).match(/data: \d+/g)).toEqual(['data: 50']);
  });

  test('is refused to more pages than there are', async () => {
    const { url } = await open();
    const pages = Array.from({ length: 16 }, () => connect(url));
    await Promise.all(pages.map((page) => once(page, 'data')));
    const { status } = await ask(url, `${url.pathname}events`);
    expect(status).toBe(503);
    pages[0]?.destroy();
  });
});
