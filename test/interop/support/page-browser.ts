// The inspector's page in Debian's Chromium, driven by playwright-core. Everything that a page complains about is
// kept: a test expects none of it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { makePage } from '../../../.build/page.ts';
import type { PageName } from '../../../.build/page.ts';
import { WebServer } from '../../../src/cli/web-server.ts';
import type { Inspection } from '../../../src/trace/inspection.ts';
import { findProgram } from './software.ts';

export const chromiumFile: string | undefined = findProgram('chromium');

/** Time in ms that a step of a page may take: far more than it does while other programs have the processors. */
const PATIENCE_MS = 60_000;

const pages = new Map<PageName, Promise<string>>();

/** The page as HTML, built once. */
function built(name: PageName): Promise<string> {
  const known = pages.get(name) ?? makePage(name);
  pages.set(name, known);
  return known;
}

export async function launch(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumFile ?? '',
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
  });
}

export interface Opened {
  readonly page: Page;
  /** Errors, violations of the policy, dialogs, and what the page wrote to the console. */
  readonly complaints: readonly string[];
  /** Addresses that the page asked for. */
  readonly asked: readonly string[];
}

/** Opens a page of a browser, and watches what it does. */
export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<Opened> {
  const page = await browser.newPage({ locale: 'en-GB', ...options });
  page.setDefaultTimeout(PATIENCE_MS);
  onTestFinished(() => page.close());
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(url);
  return { page, complaints, asked };
}

/** Serves an inspection, as `--web` does. Returns the address of the page. */
export async function serve(inspection: Inspection): Promise<string> {
  const server = await WebServer.open({ port: 0, page: await built('inspect'), inspection });
  onTestFinished(() => server.close());
  inspection.watch(server.announce);
  return server.url;
}

/** Writes the page without a server into a folder. Returns its address. */
export async function playground(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'unstick-page-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'playground.html');
  await writeFile(file, await built('playground'));
  return pathToFileURL(file).href;
}

/** What the page shows as text, invisible parts included. */
export function textOf(page: Page): Promise<string> {
  return page.locator('body').innerText();
}
