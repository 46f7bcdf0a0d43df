// The playground in a browser that has no network: what it finds, what a person does with the cuts, and what it
// withstands.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { join as joinBytes, utf8 } from '../../test/support/bytes.ts';
import { expectHarmless, HOSTILE } from '../../test/support/hostile-text.ts';
import { capture } from '../../test/support/packets.ts';
import { repository } from '../documents.ts';
import { serveSite } from './support/built.ts';
import { longestTask } from './support/longest-task.ts';
import { chromiumFile, launch, newVisit } from './support/visit.ts';
import type { Visit } from './support/visit.ts';

/** Longest time in ms of the processor that the page may work without answering. */
const LONGEST_TASK = 500;
const LARGE = 5 * 1024 * 1024;

function frame(payload: Uint8Array): Uint8Array {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, payload.length);
  return joinBytes([head, payload]);
}

/** The picture on top of the README: what TCP delivers. */
function readmeExample(): string {
  const text = readFileSync(join(repository, 'README.md'), 'utf8');
  const [, hex = ''] = /^ TCP delivers +([0-9a-f |]+?) {2}/m.exec(text) ?? [];
  return hex;
}

function summary(page: Page): Promise<string> {
  return page.locator('.status').innerText();
}

function reads(page: Page): Promise<string[]> {
  return page.locator('.reads li').allInnerTexts();
}

async function inspect(page: Page, hex: string, frames: string): Promise<void> {
  await page.locator('#hex').fill(hex);
  await page.locator('#format').fill(frames);
  await page.getByRole('button', { name: 'Inspect' }).click();
}

async function openFile(page: Page, name: string, buffer: Uint8Array): Promise<void> {
  await page.locator('#file').setInputFiles({ name, mimeType: '', buffer: Buffer.from(buffer) });
}

/** Drags a cut to the middle of the front of a byte. */
async function drag(page: Page, handle: Locator, byte: number): Promise<void> {
  const from = await handle.boundingBox();
  const to = await page.locator(`.delivery [data-at="${byte}"]`).boundingBox();
  await page.mouse.move((from?.x ?? 0) + 7, (from?.y ?? 0) + 15);
  await page.mouse.down();
  await page.mouse.move((to?.x ?? 0) + 2, (to?.y ?? 0) + 10, { steps: 8 });
  await page.mouse.up();
}

describe.skipIf(chromiumFile === undefined)('the playground (needs chromium)', () => {
  let browser: Browser;
  let server: Server;
  let origin = '';

  beforeAll(async () => {
    browser = await launch();
    ({ server, origin } = await serveSite());
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  });

  async function open(search = ''): Promise<Visit> {
    const opened = await newVisit(browser, origin);
    onTestFinished(() => opened.page.close());
    const { page } = opened;
    await page.goto(`${origin}/playground.html${search}`);
    await page.locator('.row.frame').first().waitFor();
    return opened;
  }

  test('finds the frames of the example in the README', async () => {
    const { page, complaints, asked } = await open();
    const hex = readmeExample();
    expect(hex).toMatch(/^00 00 \| /);
    await inspect(page, hex, 'u32be');
    await page.locator('.row.frame').nth(1).click();
    await page.locator('.hex .line', { hasText: 'hi' }).waitFor();
    await page.locator('.row.frame').nth(0).click();
    await page.locator('.hex .line', { hasText: 'hel' }).waitFor();
    await page.locator('.fields', { hasText: 'length (u32be)' }).waitFor();
    expect(await summary(page)).toContain('2 frames');
    expect(await reads(page)).toEqual([
      '0 2 bytes · half',
      '1 5 bytes · half',
      '2 7 bytes · half + sticky',
      '3 1 byte · half',
    ]);
    expect(complaints).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('finds the frames of a capture that is dropped', async () => {
    const { page, complaints } = await open();
    const file = capture(
      { sequence: 99, flags: 'S' },
      { sequence: 100, payload: frame(utf8('secret')) },
      { sequence: 110, payload: frame(utf8('hi')) },
    );
    const dropped = await page.evaluateHandle(
      `(() => {
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(atob('${Buffer.from(file).toString('base64')}'), (c) => c.charCodeAt(0));
        transfer.items.add(new File([bytes], 'trace.pcap'));
        return transfer;
      })()`,
    );
    await page.locator('form.input').dispatchEvent('drop', { dataTransfer: dropped });
    await page.getByText('10.0.0.1:40000').first().waitFor();
    await page.locator('.row.frame', { hasText: '4 + 6' }).click();
    await page.getByText('they may hold passwords').waitFor();
    expect(await summary(page)).toContain('2 frames');
    expect(complaints).toEqual([]);
  });

  test('guesses a format', async () => {
    const { page, complaints } = await open();
    const payloads = ['hello', 'hi', 'bye', 'game', 'a', 'worlds', '12345678', 'more words'];
    const hex = payloads.map((text) => Buffer.from(frame(utf8(text))).toString('hex')).join('|');
    await page.locator('#hex').fill(hex);
    await page.locator('#format').fill('u8');
    await page.getByRole('button', { name: 'Guess' }).click();
    await page
      .getByRole('alert')
      .getByText(/^(?:Likely|Sure): /)
      .waitFor({ timeout: 120_000 });
    await page.locator('.row.frame', { hasText: '4 + 10' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('shows half and sticky reads as cuts are dragged, and the frames stay', async () => {
    const { page, complaints } = await open();
    await inspect(page, '0000000568656c6c6f | 000000026869', 'u32be');
    await expect
      .poll(() => reads(page))
      .toEqual(['0 9 bytes · one frame', '1 6 bytes · one frame']);
    await page.locator('.row.frame').nth(1).click();
    const cut = page.getByRole('slider', { name: 'Cut 1' });
    await drag(page, cut, 11);
    await expect
      .poll(() => reads(page))
      .toEqual(['0 11 bytes · half + sticky', '1 4 bytes · half']);
    expect(await summary(page)).toContain('2 frames · 1 half · 1 sticky · 0 wrong');
    // What was selected stays selected.
    expect(await page.locator('.row.selected').innerText()).toContain('#1');

    await cut.focus();
    for (const [key, value] of [
      ['ArrowLeft', '10'],
      ['ArrowLeft', '9'],
      ['ArrowRight', '10'],
      ['Home', '1'],
      ['End', '14'],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(() => cut.getAttribute('aria-valuenow')).toBe(value);
    }
    await page.keyboard.press('Delete');
    await expect.poll(() => reads(page)).toEqual(['0 15 bytes · sticky']);
    await page.locator('.delivery [data-at="9"]').click();
    await expect
      .poll(() => reads(page))
      .toEqual(['0 9 bytes · one frame', '1 6 bytes · one frame']);
    await page.getByRole('button', { name: 'Byte by byte' }).click();
    await expect.poll(() => page.getByRole('slider').count()).toBe(14);
    await page.getByRole('button', { name: 'In one piece' }).click();
    await expect.poll(() => page.getByRole('slider').count()).toBe(0);
    expect(await summary(page)).toContain('2 frames');
    expect(complaints).toEqual([]);
  });

  test('shows a hostile stream as text', async () => {
    const { page, complaints, asked } = await open();
    const html = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const bytes = joinBytes([frame(utf8(html)), frame(utf8(HOSTILE)), utf8(html)]);
    await openFile(page, `${html}${HOSTILE}.bin`, bytes);
    await page.getByLabel('Show payload bytes').check();
    for (const at of [0, 1, 2]) {
      await page.locator('.row:not(.header)').nth(at).click();
      await page.locator('.detail .hex, .detail .error').first().waitFor();
      expectHarmless((await page.locator('body').innerText()).replaceAll('\u202f', ' '));
    }
    await page.getByRole('button', { name: 'Cut it by hand' }).click();
    await page.locator('.delivery .cell').first().waitFor();
    await inspect(page, html, html);
    await page.getByText('This is no hex').waitFor();
    await inspect(page, '00', html);
    await page.getByRole('alert').getByText('<img').waitFor();
    expect(await page.locator('img, iframe, body script[src]').count()).toBe(0);
    expect(complaints).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('takes a link that is hostile as text', async () => {
    const hostile = encodeURIComponent('"><img src=x onerror=alert(1)>');
    const opened = await newVisit(browser, origin);
    onTestFinished(() => opened.page.close());
    await opened.page.goto(
      `${origin}/playground.html?lang=${hostile}#frames=${hostile}&hex=${hostile}`,
    );
    await opened.page.getByRole('alert').getByText('This is no hex').waitFor();
    expect(await opened.page.locator('img').count()).toBe(0);
    expect(opened.complaints).toEqual([]);
  });

  test.each([
    ['frames of 20 bytes', 16],
    ['frames of 4 bytes', 0],
    ['a frame that never ends', 0x700000],
  ])('answers while it reads 5 MB of %s, and while it guesses', async (what, length) => {
    const { page, complaints } = await open();
    const bytes = new Uint8Array(LARGE);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 4 <= LARGE; at += 4 + length) {
      view.setUint32(at, length);
    }
    const folder = await mkdtemp(join(tmpdir(), 'unstick-site-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'large.bin');
    await writeFile(file, bytes);
    const reading = await longestTask(browser, page, async () => {
      await page.locator('#file').setInputFiles(file);
      await page.locator('.chip', { hasText: 'read to its end' }).waitFor({ timeout: 120_000 });
      await page.getByText('5.0 MiB').first().waitFor();
    });
    const guessing = await longestTask(browser, page, async () => {
      await page.getByRole('button', { name: 'Guess' }).click();
      await page
        .getByRole('alert')
        .getByText(/^(?:Likely|Sure|No framing)/)
        .waitFor({ timeout: 120_000 });
    });
    console.log(`${what}: longest task ${reading} ms, of the guess ${guessing} ms`);
    expect(Math.max(reading, guessing)).toBeLessThan(LONGEST_TASK);
    expect(complaints).toEqual([]);
  });

  test('answers while it reads 5 MB of hex that is pasted', async () => {
    const { page, complaints } = await open();
    const transfer = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.setData('text', '00 00 00 04 61 62 63 64 '.repeat(${LARGE / 8}));
      return transfer;
    })()`);
    const time = await longestTask(browser, page, async () => {
      await page.evaluate((data) => {
        const clipboardData = data as DataTransfer;
        const paste = { clipboardData, cancelable: true, bubbles: true };
        document.getElementById('hex')?.dispatchEvent(new ClipboardEvent('paste', paste));
      }, transfer);
      await page.getByText('5.0 MiB of hex were pasted').waitFor({ timeout: 120_000 });
      await page.locator('.chip', { hasText: 'read to its end' }).waitFor({ timeout: 120_000 });
    });
    expect(await summary(page)).toContain('655\u202f360 frames');
    console.log(`pasted hex: longest task ${time} ms`);
    expect(time).toBeLessThan(LONGEST_TASK);
    expect(complaints).toEqual([]);
  });

  test('is in the language that the site was in', async () => {
    const { page, complaints } = await open('?lang=zh');
    await page.getByText('TCP 怎样交付').waitFor();
    expect(await reads(page)).toContain('2 7 字节 · 半包 + 粘包');
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByRole('link', { name: '文档' }).click();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/zh/index.html');
    expect(complaints).toEqual([]);
  });
});
