// Recipes that need foreign software: certificates of openssl, a serial line of socat, a WebSocket in
// Chromium. What runs is the text of docs/recipes.md.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { build } from 'esbuild';
import { describe, expect, test, onTestFinished } from 'vitest';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { framed, lengthPrefixed, resync, serve, sum8 } from '../../src/entries/main.ts';
import { blocksOf, kitchen, recipe } from '../docs/recipes.ts';
import { root } from '../docs/markdown.ts';

import { until } from '../support/waiting.ts';
import { chromiumFile, launch, openPage } from './support/page-browser.ts';
import { openLine, serialLine, socat } from './support/pty.ts';
import { findProgram } from './support/software.ts';
import { freePort } from '../support/free-port.ts';

const port = String(await freePort());
const mutual = recipe('Certificates on both sides');
const serial = recipe('A serial port');
const browserScript = blocksOf('WebSocket').find(({ info }) => info === 'js')?.text ?? '';
const here = (text: string): string => text.replaceAll('8443', port);
const { directory, start } = kitchen([
  { ...mutual, program: { ...mutual.program, text: here(mutual.program.text) } },
  serial,
]);
const timeout = 120_000;

test.skipIf(findProgram('openssl') === undefined)(
  'certificates on both sides admit alice and nobody else (needs openssl)',
  { timeout },
  async () => {
    const [makeFiles = ''] = mutual.commands;
    execFileSync('sh', ['-e', '-c', makeFiles], { cwd: directory, stdio: 'ignore' });
    const { printed, warned, code } = await start(0).over;
    expect(printed).toBe(here(mutual.output));
    expect(warned).toBe('');
    expect(code).toBe(0);
  },
);

describe.skipIf(socat === undefined)('the recipe for a serial port (needs socat)', () => {
  const meter = lengthPrefixed({
    before: '68',
    prefix: 'u8',
    trailer: [sum8, '16'],
    resync: resync(),
  });
  const frame = (words: string): Buffer => Buffer.concat(meter.encode(Buffer.from(words)));

  test('reads behind noise, and notices that the device is gone', { timeout }, async () => {
    const [ours, theirs, unplug] = await serialLine();
    const line = openLine(theirs);
    const device = framed(line, meter);
    const { child, over } = start(1, [ours]);
    expect(String(await device.receive())).toBe('ask');
    const release = device.release();
    release.write(Buffer.concat([Buffer.from('junk'), frame('first'), frame('second')]));
    let heard = '';
    child.stdout.on('data', (bytes) => {
      heard += String(bytes);
    });
    await until(() => heard.includes('second'), 'both frames are printed');
    unplug();
    const { printed, warned, code } = await over;
    expect({ printed, warned, code }).toEqual({ printed: serial.output, warned: '', code: 0 });
  });
});

test.skipIf(chromiumFile === undefined)(
  'a browser speaks frames over a WebSocket (needs chromium)',
  { timeout },
  async () => {
    const frames = serve(
      lengthPrefixed(),
      async (connection) => {
        for await (const heard of connection) {
          await connection.send(Buffer.from(`you said ${String(heard)}`));
          // The last frame is cut: the page must notice.
          connection.release().end(Buffer.from('000000', 'hex'));
          return;
        }
      },
      { listen: false },
    );
    const pages = createServer((_, response) => response.end('<title>frames</title>'));
    const sockets = new WebSocketServer({ server: pages });
    sockets.on('connection', (socket) => frames.attach(createWebSocketStream(socket)));
    await once(pages.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(async () => {
      pages.close();
      await frames.close();
    });
    const address = pages.address();
    const where = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const stdin = { contents: browserScript.replace('127.0.0.1:8080', where), resolveDir: root };
    const { outputFiles } = await build({
      stdin,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
    });
    const browser = await launch();
    onTestFinished(() => browser.close(), timeout);
    const { page, complaints } = await openPage(browser, `http://${where}/`);
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '', type: 'module' });
    await until(() => complaints.length >= 2, 'the page has said both');
    expect(complaints[0]).toBe('console: you said hello');
    expect(complaints[1]).toContain('ERR_FRAME_TRUNCATED');
  },
);
