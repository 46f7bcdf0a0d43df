// Recipes whose surroundings this process can play: a Docker daemon, a browser that starts a host, an editor
// in front of a real language server. test/interop/recipes.test.ts has those that need foreign software.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { formats, framed, lengthPrefixed } from '../../src/entries/main.ts';

import { until } from '../support/waiting.ts';
import { linksIn, readMarkdown, root } from './markdown.ts';
import { against } from './programs.ts';
import { kitchen, recipe } from './recipes.ts';
import { freePort } from '../support/free-port.ts';

const docker = recipe('Docker attach');
const host = recipe('A native messaging host');
const proxy = recipe('A proxy for a language server');
const asking = recipe('A client that asks');
const { start } = kitchen([docker, host, proxy, asking]);

/** A daemon that speaks as Docker's API is documented, on a unix socket. */
async function daemon(onAttach: (socket: Socket) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'unstick-docker-'));
  const path = join(folder, 'docker.sock');
  const server = createServer((_, response) => response.writeHead(404).end('no such container'));
  server.on('upgrade', ({ url }, socket: Socket) => {
    socket.on('error', () => undefined);
    if (url?.startsWith('/containers/web/attach?') === true) {
      onAttach(socket);
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    }
  });
  await once(server.listen(path), 'listening');
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return path;
}

const frame = (stream: number, words: string): Buffer =>
  Buffer.concat(
    lengthPrefixed(formats.dockerAttach).encode({
      before: Uint8Array.of(stream, 0, 0, 0),
      payload: Buffer.from(words),
    }),
  );

const UPGRADED =
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

describe('the recipe for Docker attach', () => {
  test('shows both outputs, also frames that come with the 101, and sends its input', async () => {
    const path = await daemon((socket) => {
      const first = frame(1, 'listening on 80\n');
      // The header of the first frame is cut by the end of the response.
      socket.write(Buffer.concat([Buffer.from(UPGRADED), first.subarray(0, 3)]));
      socket.once('data', (input) => {
        expect(String(input)).toBe('typed\n');
        socket.end(
          Buffer.concat([first.subarray(3), frame(2, 'a warning\n'), frame(1, 'input was seen\n')]),
        );
      });
    });
    const { child, over } = start(0, ['web'], { DOCKER_SOCKET: path });
    child.stdin.end('typed\n');
    const { printed, warned, code } = await over;
    expect(printed).toBe(docker.output);
    expect(warned).toBe('a warning');
    expect(code).toBe(0);
  });

  test('tells of an output that ends inside a frame', async () => {
    const path = await daemon((socket) => {
      socket.end(Buffer.concat([Buffer.from(UPGRADED), frame(1, 'cut').subarray(0, 9)]));
    });
    const { child, over } = start(0, ['web'], { DOCKER_SOCKET: path });
    child.stdin.end();
    expect(await over).toMatchObject({
      warned: expect.stringContaining('ERR_FRAME_TRUNCATED'),
      code: 1,
    });
  });

  test('tells what Docker says where there is no such container', async () => {
    const path = await daemon(() => undefined);
    const { over } = start(0, ['nothing'], { DOCKER_SOCKET: path });
    expect(await over).toMatchObject({
      warned: expect.stringContaining('Docker says 404 Not Found'),
      code: 1,
    });
  });
});

/** A server of its own process, so that it can be killed. Resolves when it listens on the port. */
async function serverAt(port: number): Promise<ChildProcess> {
  const program = `import { lengthPrefixed, serve } from 'unstick';
    const server = serve(lengthPrefixed(), async (connection) => {
      for await (const frame of connection) await connection.send(Buffer.from('answer to ' + frame));
    }, { port: ${port} });
    await server.ready;
    console.log('listening');`;
  const server = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void server.kill('SIGKILL'));
  await once(server.stdout, 'data');
  return server;
}

describe('the recipe for a client that asks', () => {
  test('goes on when its server is killed and started again', async () => {
    const port = await freePort();
    const first = await serverAt(port);
    const { child, over } = start(3, [String(port)]);
    let heard = '';
    child.stdout.on('data', (bytes) => {
      heard += String(bytes);
    });
    await until(() => heard.includes('request 3'), 'three requests are answered');
    first.kill('SIGKILL');
    await until(() => heard.includes('ERR_CONNECT\n'), 'the client has tried in vain');
    await serverAt(port);
    const { printed, warned, code } = await over;
    expect({ warned, code }).toEqual({ warned: '', code: 0 });
    expect(against(asking.output, printed)).toBe(asking.output);
    const answers = printed.match(/(?<=answer to request )\d+/g);
    expect(answers).toEqual(Array.from({ length: 10 }, (_, index) => String(index + 1)));
  });
});

describe('the recipe for a native messaging host', () => {
  test('answers a browser, and ends with it', async () => {
    const { child, over } = start(1);
    const codec = lengthPrefixed({ ...formats.chromeNativeMessaging, prefix: 'u32le' });
    const browser = framed(Duplex.from({ readable: child.stdout, writable: child.stdin }), codec);
    for (const question of [{ hello: 'world' }, '世界', ['x'.repeat(100_000)]]) {
      await browser.send(Buffer.from(JSON.stringify(question)));
      const answer = await browser.receive();
      expect(JSON.parse(String(answer))).toEqual({ answer: question });
    }
    await browser.end();
    expect(await browser.receive()).toBeUndefined();
    const { code, warned } = await over;
    expect(code).toBe(0);
    expect(warned.split('\n')[0]).toBe(host.output);
  });

  test('refuses an answer that Chrome would not take', async () => {
    const { child, over } = start(1);
    const [prefix, payload] = lengthPrefixed({ prefix: 'u32le' }).encode(
      Buffer.from(JSON.stringify('x'.repeat(2 ** 20))),
    );
    child.stdin.write(prefix);
    child.stdin.end(payload);
    expect(await over).toMatchObject({
      printed: '',
      warned: expect.stringContaining('ERR_FRAME_UNENCODABLE'),
      code: 1,
    });
  });
});

describe('the recipe for a proxy of a language server', () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');

  test('stands between an editor and the language server of TypeScript', async () => {
    const { child, over } = start(2, [process.execPath, compiler, '--lsp', '--stdio']);
    const editor = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    editor.onRequest(() => null);
    editor.listen();
    const { capabilities } = await editor.sendRequest<{ capabilities: object }>('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {},
    });
    expect(capabilities).toHaveProperty('hoverProvider');
    await editor.sendNotification('initialized', {});
    await editor.sendRequest('shutdown');
    await editor.sendNotification('exit');
    child.stdin.end();
    const { warned } = await over;
    expect(linesOf(proxy.output, warned)).toEqual(proxy.output.split('\n'));
    editor.dispose();
  });

  test('ends where the server cannot be started', async () => {
    const { over } = start(2, [join(root, 'no-such-server')]);
    expect(await over).toMatchObject({ code: 1, warned: expect.stringContaining('ENOENT') });
  });
});

/** The lines of a report that an output promises, in the order of the report; `…` where it promises nothing. */
function linesOf(promised: string, report: string): string[] {
  const wanted = promised.split('\n');
  const found: string[] = [];
  for (const line of report.split('\n')) {
    if (wanted[found.length] === '…' && line !== wanted[found.length + 1]) {
      continue;
    }
    if (wanted[found.length] === '…') {
      found.push('…');
    }
    if (line === wanted[found.length]) {
      found.push(line);
    }
  }
  return found;
}

test.each(['docs/recipes.md', 'docs/framing-recipes.md'])(
  'the index of %s has every heading of the page',
  (path) => {
    const { headings, text } = readMarkdown(path);
    const index = text.slice(0, text.indexOf('\n## '));
    const linked = new Set(linksIn(index));
    const missing = headings
      .filter(({ level }) => level === 2)
      .filter(({ anchor }) => !linked.has(`#${anchor}`));
    expect(headings.length).toBeGreaterThan(10);
    expect(missing.map(({ title }) => title)).toEqual([]);
  },
);
