// The documents in a browser that has no network.

import type { Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { pagesOf, serveSite } from './support/built.ts';
import { chromiumFile, launch, newVisit } from './support/visit.ts';
import type { Visit } from './support/visit.ts';

/** Pages that are opened at the same time. */
const AT_ONCE = 3;

describe.skipIf(chromiumFile === undefined)('the documents (need chromium)', () => {
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

  async function visit(path: string, options: Parameters<typeof newVisit>[2] = {}): Promise<Visit> {
    const opened = await newVisit(browser, origin, options);
    onTestFinished(() => opened.page.close());
    await opened.page.goto(`${origin}${path}`);
    return opened;
  }

  test('open without a complaint, and ask nobody else', async () => {
    const all = pagesOf();
    const english = all.filter((page) => !/^(?:zh|api)\/|^404/.test(page));
    const some = ['zh/index.html', 'zh/inspect.html', 'zh/peer.html', 'zh/api.html'];
    const reference = ['index', 'functions/unstick.serve', 'interfaces/unstick.ServeOptions'];
    const queue = [...english, ...some, ...reference.map((name) => `api/${name}.html`)];
    expect(queue.filter((page) => !all.includes(page))).toEqual([]);
    const visits = await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const opened = await newVisit(browser, origin);
        onTestFinished(() => opened.page.close());
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          await opened.page.goto(`${origin}/${next}`);
          await opened.page.locator('h1').first().waitFor();
        }
        return opened;
      }),
    );
    expect(visits.flatMap(({ complaints }) => complaints)).toEqual([]);
    expect(visits.flatMap(({ asked }) => asked)).toEqual([]);
  });

  test('are no wider than a phone, the reference with its long types included', async () => {
    const { page } = await visit('/', { viewport: { width: 360, height: 740 } });
    const documents = ['index', 'formats', 'recipes', 'errors', 'zh/index', 'zh/tutorial'];
    const functions = pagesOf().filter((name) => /^api\/functions\/unstick\.[a-z]/.test(name));
    expect(functions.length).toBeGreaterThan(10);
    const wide: string[] = [];
    for (const name of [...documents.map((one) => `${one}.html`), ...functions]) {
      await page.goto(`${origin}/${name}`);
      await page.locator('h1').first().waitFor();
      const excess = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      wide.push(...(excess === 0 ? [] : [`${name}: ${String(excess)} px`]));
    }
    expect(wide).toEqual([]);
  });

  test.each([
    ['/', 'frameTimeout', 'frameTimeout'],
    ['/', 'postgres', 'postgres'],
    ['/', 'proveDecoder', 'proveDecoder'],
    ['/zh/', '粘包', '粘包'],
    ['/zh/', '半包', '半包'],
  ])('search from %s finds %s, with the keys alone', async (path, words, expected) => {
    const { page, complaints } = await visit(path);
    // Again, as a person would, if the page did not listen to keys yet.
    const opens = async (): Promise<boolean> => {
      await page.keyboard.press('Control+k');
      const box = page.locator('#localsearch-input').waitFor({ timeout: 2000 });
      return box.then(
        () => true,
        () => false,
      );
    };
    await expect.poll(opens).toBe(true);
    // At once: while a person still types, Enter opens what the first letters find.
    await page.keyboard.insertText(words);
    await page.locator('.VPLocalSearchBox .result').first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.VPLocalSearchBox').waitFor({ state: 'detached' });
    await page.locator('main', { hasText: expected }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('change their language, and stay at their page', async () => {
    const { page, complaints } = await visit('/inspect.html');
    const path = (): string => new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'Change language' }).hover();
    await page.getByRole('banner').getByRole('link', { name: '简体中文' }).click();
    await expect.poll(path).toBe('/zh/inspect.html');
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByRole('button', { name: '切换语言' }).hover();
    await page.getByRole('banner').getByRole('link', { name: 'English' }).click();
    await expect.poll(path).toBe('/inspect.html');
    expect(complaints).toEqual([]);
  });

  test('are dark when a person wants that, and the playground follows', async () => {
    const { page, complaints } = await visit('/', { colorScheme: 'light' });
    const ground = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.getByRole('switch').first().click();
    await expect.poll(ground).not.toBe(light);
    await page.getByRole('link', { name: 'Playground' }).first().click();
    await page.locator('.row.frame').first().waitFor();
    expect(await ground()).toBe('rgb(20, 23, 27)');
    await page.getByRole('link', { name: 'Documents' }).click();
    await page.locator('html.dark').waitFor();
    expect(complaints).toEqual([]);
  });

  test('leave the formats that a person looks for', async () => {
    const { page, complaints } = await visit('/formats.html');
    const rows = page.locator('#the-table ~ h3 + table tbody tr:visible');
    await page.getByRole('searchbox', { name: 'Find a protocol' }).fill('modbus');
    await expect.poll(() => rows.count()).toBeLessThan(10);
    const left = await rows.allInnerTexts();
    expect(left.length).toBeGreaterThan(0);
    expect(left.filter((text) => !/modbus/i.test(text))).toEqual([]);
    expect(await page.getByRole('status').innerText()).toBe(`${left.length} rows`);
    await page.getByRole('searchbox', { name: 'Find a protocol' }).fill('');
    await expect.poll(() => rows.count()).toBeGreaterThan(100);
    expect(complaints).toEqual([]);
  });

  test('lead to the reference and back', async () => {
    const { page, complaints } = await visit('/api.html#serve');
    await page.getByRole('link', { name: 'serve', exact: true }).click();
    await page.locator('h1', { hasText: 'serve' }).waitFor();
    await page.getByRole('link', { name: 'Guide' }).click();
    await page.locator('h1', { hasText: 'unstick' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
