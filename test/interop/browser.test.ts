// `unstick/codec` and `unstick/web` in headless Chromium: as they are built, without a bundler, without a
// module of Node, under a policy that forbids eval.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test, onTestFinished } from 'vitest';
import { formats, lengthPrefixed } from '../../src/entries/main.ts';
import { portOf } from '../support/sockets.ts';
import { ForeignProcess } from './support/foreign-process.ts';
import { findProgram } from './support/software.ts';

const chromium = findProgram('chromium');
const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('./browser/page.mjs', import.meta.url));
const frameCount = 300;

const headers = {
  'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'",
};
const html = '<!doctype html><title>unstick</title><script type="module" src="/page.js"></script>';

/** Frame after frame, the n-th of n times its number, in chunks that know nothing of frames. */
async function sendFrames(response: ServerResponse): Promise<void> {
  const codec = lengthPrefixed();
  const frames = Array.from({ length: frameCount }, (_, n) => Buffer.from(`${n}`.repeat(n + 1)));
  const bytes = Buffer.concat(frames.flatMap((frame) => codec.encode(frame)));
  response.writeHead(200, headers);
  for (let at = 0; at < bytes.length; at += 1009) {
    if (!response.write(bytes.subarray(at, at + 1009))) {
      await once(response, 'drain');
    }
  }
  response.end();
}

async function sendModule(response: ServerResponse, file: string): Promise<void> {
  const type = { 'content-type': 'text/javascript' };
  try {
    response.writeHead(200, { ...headers, ...type }).end(await readFile(file));
  } catch {
    response.writeHead(404, headers).end();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = await request.toArray();
  return Buffer.concat(chunks).toString();
}

/** Serves the page, and gives what it says that it saw. */
async function servePage(dist: string): Promise<{ port: number; seen: Promise<unknown> }> {
  const server = createServer();
  const seen = new Promise<unknown>((resolve, reject) => {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const answer = async (): Promise<void> => {
        if (pathname === '/seen') {
          resolve(JSON.parse(await textOf(request)));
          response.writeHead(204, headers).end();
        } else if (pathname === '/frames') {
          await sendFrames(response);
        } else if (pathname === '/page.js') {
          await sendModule(response, script);
        } else if (pathname.startsWith('/dist/')) {
          await sendModule(response, join(dist, pathname.slice('/dist/'.length)));
        } else {
          response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(html);
        }
      };
      answer().catch(reject);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: portOf(server), seen };
}

/** Builds the package into a folder, as `npm run build` does. */
async function build(folder: string): Promise<string> {
  const dist = join(folder, 'dist');
  const args = ['--import', 'tsx', '.build/build.ts', dist];
  await promisify(execFile)(process.execPath, args, { cwd: root });
  return dist;
}

async function browse(folder: string, port: number): Promise<ForeignProcess> {
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--remote-debugging-port=0',
    `--user-data-dir=${join(folder, 'profile')}`,
  ];
  const args = [...flags, `http://127.0.0.1:${port}/`];
  return ForeignProcess.start({ file: chromium ?? '', args, port, env: { HOME: folder } });
}

describe.skipIf(chromium === undefined)('Chromium (needs chromium)', () => {
  test('loads the built modules and decodes with them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unstick-browser-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const { port, seen } = await servePage(await build(folder));
    const browser = await browse(folder, port);
    onTestFinished(() => browser.stop());
    const words = ['hello', '', '\u7c98\u5305'];
    expect(await seen).toEqual({
      errors: [],
      roundTrips: {
        plain: words,
        varint: words,
        postgres: words,
        netstrings: words,
        contentLength: words,
        headerPrefixed: words,
      },
      formats: Object.keys(formats).length,
      error: { code: 'ERR_FRAME_TOO_LARGE', isOurs: true },
      fetched: frameCount,
      differences: 0,
      evalIsForbidden: true,
      node: 'undefined undefined undefined',
    });
  });
});
