// The site under a path, as a host of many projects serves it (https://host.example/unstick/): built for that path,
// with every link under it, and used in a browser that is given nothing beside it.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { serveSite } from './support/built.ts';
import { linkFaults } from './support/links.ts';
import { chromiumFile, launch, newVisit } from './support/visit.ts';
import type { Visit } from './support/visit.ts';

const BASE = '/unstick/';
/** An upper bound for the build, which takes half a minute on a quiet machine. */
const BUILD_LIMIT = 600_000;
const folder = mkdtempSync(join(tmpdir(), 'unstick-site-'));

beforeAll(async () => {
  const site = fileURLToPath(new URL('..', import.meta.url));
  // Vite makes another site under the environment of tests.
  const { VITEST: _, NODE_ENV: __, ...ours } = process.env;
  const env = { ...ours, UNSTICK_SITE_BASE: BASE, UNSTICK_SITE_OUT: folder };
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'build.ts'], { cwd: site, env });
}, BUILD_LIMIT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every link of the site stays under its path', () => {
  const faults = linkFaults(folder, BASE);
  expect(faults.length).toBeGreaterThan(10_000);
  expect([...new Set(faults)].filter((one) => one !== undefined)).toEqual([]);
});

test('a link that leaves the path is noticed', () => {
  expect(linkFaults(folder, '/elsewhere/').filter((one) => one !== undefined)).toContainEqual(
    expect.stringMatching(/not under \/elsewhere\/$/),
  );
});

describe.skipIf(chromiumFile === undefined)('in a browser (needs chromium)', () => {
  let browser: Browser;
  let server: Server;
  let home = '';

  beforeAll(async () => {
    browser = await launch();
    const served = await serveSite(folder, BASE);
    server = served.server;
    home = `${served.origin}${BASE.slice(0, -1)}`;
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  });

  async function visit(path: string): Promise<Visit> {
    const opened = await newVisit(browser, home);
    onTestFinished(() => opened.page.close());
    await opened.page.goto(`${home}${path}`);
    return opened;
  }

  test('the playground opens from a page, works, and leads back', async () => {
    const { page, complaints, asked } = await visit('/');
    await page.getByRole('link', { name: 'Playground' }).first().click();
    await page.locator('#hex').fill('0000 | 0002 6869');
    await page.locator('#format').fill('u32be');
    await page.getByRole('button', { name: 'Inspect' }).click();
    await page.locator('.status', { hasText: '1 frame' }).waitFor();
    await page.getByRole('link', { name: 'Documents' }).click();
    await page.locator('h1', { hasText: 'unstick' }).waitFor();
    expect({ complaints, asked }).toEqual({ complaints: [], asked: [] });
  });

  test('the search, the other language and the reference stay under the path', async () => {
    const { page, complaints, asked } = await visit('/tutorial.html');
    const path = (): string => new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'Change language' }).hover();
    await page.getByRole('banner').getByRole('link', { name: '简体中文' }).click();
    await expect.poll(path).toBe(`${BASE}zh/tutorial.html`);
    await page.keyboard.press('Control+k');
    await page.locator('#localsearch-input').waitFor();
    await page.keyboard.insertText('proveDecoder');
    await page.locator('.VPLocalSearchBox .result').first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('main', { hasText: 'proveDecoder' }).waitFor();
    await page.goto(`${home}/api.html#serve`);
    await page.getByRole('link', { name: 'serve', exact: true }).click();
    await page.locator('h1', { hasText: 'serve' }).waitFor();
    expect(path()).toMatch(/^\/unstick\/api\//);
    await page.getByRole('link', { name: 'Guide' }).click();
    await page.locator('h1', { hasText: 'unstick' }).waitFor();
    expect(path()).toBe(`${BASE}index.html`);
    expect({ complaints, asked }).toEqual({ complaints: [], asked: [] });
  });
});
