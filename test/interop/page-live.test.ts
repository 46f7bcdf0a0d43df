// The inspector's page on a live connection: 10 000 frames a second through the proxy of the real command. The
// page stays at the last frames, its heap stays flat, and it pauses. 6 s by default, 60 s with UNSTICK_WHOLE=1.

import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { until } from '../support/waiting.ts';

import { portOf } from '../support/sockets.ts';
import { chromiumFile, launch, openPage } from './support/page-browser.ts';
import { freePort } from '../support/free-port.ts';

const RATE = 10_000;
const SECONDS = process.env['UNSTICK_WHOLE'] === undefined ? 6 : 60;
/** Frames that are sent while the page warms up. */
const WARM = 2 * RATE;
/** Growth of the heap that is noise: the collector keeps compiled code and caches. */
const NOISE = 3 * 1024 * 1024;
const FRAME = Buffer.from('0000000c 7b226964223a2031327d0a0a'.replaceAll(' ', ''), 'hex');

/** A server that reads everything, as a fast one does. */
async function sink(): Promise<number> {
  const server = net.createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return portOf(server);
}

interface Inspector {
  readonly url: string;
  readonly listen: number;
  /** Ends the command as Ctrl-C does. */
  readonly stop: () => Promise<Ran>;
}

/** `unstick inspect --listen … --web`, as people start it. */
async function inspector(): Promise<Inspector> {
  const [to, listen] = [await sink(), await freePort()];
  const addresses = ['--listen', `127.0.0.1:${listen}`, '--to', `127.0.0.1:${to}`];
  const { child, ended } = startCommand(
    ['inspect', ...addresses, '--follow', '--frames', 'u32be', '--bytes', '--web'],
    { cwd: tmpdir() },
  );
  const stop = (): Promise<Ran> => {
    child.kill('SIGINT');
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  let text = '';
  child.stdout?.on('data', (chunk: string) => (text += chunk));
  const urlIn = (): string | undefined => /http:\S+(?=\n)/.exec(text)?.[0];
  child.stderr?.on('data', (chunk: string) => (text += chunk));
  await until(() => urlIn() !== undefined, 'the address of the page');
  await until(() => text.includes(' -> '), 'the address of the proxy');
  const url = urlIn() ?? '';
  return { url, listen, stop };
}

/** Sends frames at the rate until `count` of them are sent. */
async function send(socket: net.Socket, count: number): Promise<void> {
  const started = performance.now();
  const most = Buffer.concat(Array.from({ length: 2000 }, () => FRAME));
  let sent = 0;
  await new Promise<void>((resolve) => {
    const tick = setInterval(() => {
      const due = Math.min(count, Math.floor(((performance.now() - started) * RATE) / 1000));
      const now = Math.min(2000, due - sent);
      socket.write(most.subarray(0, now * FRAME.length));
      sent += now;
      if (sent >= count) {
        clearInterval(tick);
        resolve();
      }
    }, 10);
  });
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

/** Waits until the page says that so many frames have come. */
async function untilFrames(page: Page, count: number): Promise<void> {
  const wanted = String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, '\u202f');
  await page.locator('.status', { hasText: `${wanted} frames` }).waitFor();
}

const timeout = (SECONDS + 240) * 1000;

describe.skipIf(chromiumFile === undefined)('the live page (needs chromium)', { timeout }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test(`shows ${RATE} frames a second for ${SECONDS} s in a flat heap, and pauses`, async () => {
    const { url, listen } = await inspector();
    const { page, complaints } = await openPage(browser, url);
    const session = await page.context().newCDPSession(page);
    const socket = net.connect(listen, '127.0.0.1');
    await once(socket, 'connect');
    onTestFinished(() => void socket.destroy());
    await send(socket, WARM);
    await untilFrames(page, WARM);
    const before = await heapOf(session);
    const count = WARM + SECONDS * RATE;
    await send(socket, SECONDS * RATE);
    // A page on a busy machine is behind, so its heap is compared when it has shown everything, as before.
    await untilFrames(page, count);
    expect(await heapOf(session)).toBeLessThan(before + NOISE);
    await page.locator('.row.frame .number', { hasText: `#${count - 1}` }).waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(80);

    await page.keyboard.press('p');
    await page.locator('.chip.paused').waitFor();
    await send(socket, RATE);
    await untilFrames(page, count + RATE);
    // Paused, the list stands where it was; and it goes on when it is asked to.
    await page.locator('.row.frame .number', { hasText: `#${count - 1}` }).waitFor();
    await page.keyboard.press('p');
    await page.locator('.row.frame .number', { hasText: `#${count + RATE - 1}` }).waitFor();

    // A row that is selected stays in sight, until the list is to follow again.
    await page.locator('.row.frame').first().click();
    await page.locator('.hex .line').first().waitFor();
    await send(socket, RATE);
    await untilFrames(page, count + 2 * RATE);
    expect(await page.locator('.row.selected').count()).toBe(1);
    await page.keyboard.press('f');
    await page.locator('.row.frame .number', { hasText: `#${count + 2 * RATE - 1}` }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('says that the command has ended', async () => {
    const { url, listen, stop } = await inspector();
    const { page } = await openPage(browser, url);
    await page.locator('.chip.live').waitFor();
    const socket = net.connect(listen, '127.0.0.1');
    socket.write(FRAME);
    await page.locator('.status', { hasText: '1 frame' }).waitFor();
    socket.destroy();
    const { code, stdout } = await stop();
    expect(code).toBe(0);
    expect(stdout).toContain('no wrong frame');
    await page.locator('.chip.lost').waitFor();
  });
});
