// How the inspector's page looks, measured in a browser: on a phone, on both sides of where columns change, and on
// a desk, light and dark.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guessEach } from '../../src/trace/guessing-annotator.ts';
import type { Inspection } from '../../src/trace/inspection.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { inspectionOf, say } from '../trace/tracing.ts';
import { faultsOfLook } from './support/look.ts';
import { chromiumFile, launch, openPage, playground, serve } from './support/page-browser.ts';

const WIDTHS = [360, 701, 768, 1180, 1181, 1280, 1600];

function framed(text: string): Uint8Array {
  const payload = utf8(text);
  return join([Uint8Array.of(0, 0, 0, payload.length), payload]);
}

/** A session of a capture, with half and sticky frames, a wrong one, and one that is not finished. */
function session(): Inspection {
  const inspection = inspectionOf('u32be', {
    source: { kind: 'source', version: 1, pieces: 'segments', framing: 'u32be' },
  });
  const frames = Array.from({ length: 40 }, (_, i) => framed(`message ${i}`));
  const all = join(frames);
  const pieces = Array.from({ length: 30 }, (_, i) => all.subarray(i * 20, i * 20 + 20));
  say(inspection, [...pieces, hex('7fffffff'), ...frames, hex('00000009 6869')], { how: 'open' });
  inspection.end();
  return inspection;
}

/** What looks wrong at some width, light or dark. */
async function faultsAnywhere(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 720 });
      // The list draws itself anew for its new size.
      await page.evaluate(
        'new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 50)))',
      );
      const found = await faultsOfLook(page);
      faults.push(...found.map((fault) => `${colorScheme}, ${width} px: ${fault}`));
    }
  }
  await page.setViewportSize(before ?? { width: 1280, height: 720 });
  return faults;
}

describe.skipIf(chromiumFile === undefined)('the look (needs chromium)', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test.each(['en-GB', 'zh-CN'])(
    'cuts no text and has enough contrast, at any width, light and dark (%s)',
    async (locale) => {
      const { page, complaints } = await openPage(browser, await serve(session()), { locale });
      await page.locator('.row.frame').first().waitFor();
      expect(await faultsAnywhere(page)).toEqual([]);
      await page.locator('.row.frame').nth(1).click();
      await page.locator('.detail .fields').waitFor();
      expect(await faultsAnywhere(page)).toEqual([]);
      await page.keyboard.press('e');
      await page.locator('.detail .error').waitFor();
      expect(await faultsAnywhere(page)).toEqual([]);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      expect(await faultsAnywhere(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test('cuts no text and has enough contrast without a server, either', async () => {
    const { page } = await openPage(browser, await playground());
    await page.locator('#hex').fill('0000 | 0005 68656c | 6c6f 00000002 68 | 69 ffffffff 00 00');
    await page.locator('#format').fill('u32be');
    await page.getByRole('button', { name: 'Inspect' }).click();
    await page.locator('.row.error').click();
    expect(await faultsAnywhere(page)).toEqual([]);
    await page.locator('#format').fill('kafak');
    await page.getByRole('button', { name: 'Inspect' }).click();
    await page.getByRole('alert').getByText('kafka').waitFor();
    expect(await faultsAnywhere(page)).toEqual([]);
  });

  test('cuts no text and has enough contrast while it guesses, and around a guess', async () => {
    const inspection = inspectionOf('u32be', { spots: guessEach, framing: undefined });
    const frames = Array.from({ length: 30 }, (_, i) => framed(`message ${i}`));
    say(inspection, [...frames, hex('00000009 6869')], { how: 'open' });
    say(inspection, [utf8('It was a dark and stormy night.')], { index: 1, how: 'fin' });
    const { page } = await openPage(browser, await serve(inspection));
    await page.locator('.status code', { hasText: 'Guessing …' }).waitFor();
    expect(await faultsAnywhere(page)).toEqual([]);
    inspection.end();
    await page.locator('.guess.sure').waitFor();
    await page.locator('#conversation-0').click();
    await page.locator('.evidence').waitFor();
    expect(await faultsAnywhere(page)).toEqual([]);
  });

  test('the check of looks notices text that is cut, pale or beside the page', async () => {
    const { page } = await openPage(browser, await serve(session()));
    await page.locator('.row.frame').first().waitFor();
    expect(await faultsOfLook(page)).toEqual([]);
    await page.evaluate(`
      const add = (text, style) => {
        const line = Object.assign(document.createElement('p'), { textContent: text });
        Object.assign(line.style, style);
        document.body.append(line);
      };
      add('pale', { color: '#999' });
      add('text that is longer', { width: '30px', overflow: 'hidden', whiteSpace: 'nowrap' });
      add('wide', { width: '3000px' });
      add('text', { opacity: '0.5' });
      document.querySelector('#search').placeholder = 'a hint that is much longer than the place for it is';
    `);
    expect((await faultsOfLook(page)).toSorted()).toEqual([
      expect.stringMatching(/^contrast 2\.\d: p "pale"$/),
      expect.stringMatching(/^contrast \d\.\d: p "text"$/),
      expect.stringMatching(/^cut \d+ of \d+ px: a hint/),
      expect.stringMatching(/^cut 30 of \d+ px: p "text that is longer"$/),
      expect.stringMatching(/^the page is \d+ px wider than the window$/),
    ]);
  });
});
