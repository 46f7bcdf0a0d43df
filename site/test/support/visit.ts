// Debian's Chromium without a network but the site itself. Everything that a page complains about is kept.

import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findProgram } from '../../../test/interop/support/software.ts';

export const chromiumFile: string | undefined = findProgram('chromium');

/** Time in ms that a step of a page may take: far more than it does while other programs have the processors. */
const PATIENCE_MS = 60_000;

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumFile ?? '',
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}

export interface Visit {
  readonly page: Page;
  /** Errors, violations of the policy, dialogs, answers that are none, and what the page wrote to the console. */
  readonly complaints: string[];
  /** Addresses outside of the site that the page asked for. */
  readonly asked: string[];
}

/** Opens an empty page, and watches what it does. */
export async function newVisit(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const page = await browser.newPage({ locale: 'en-GB', ...options });
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => complaints.push(`${page.url()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`${page.url()}: dialog ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      complaints.push(`${response.url()}: ${response.status()}`);
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !/^(?:data|blob):/.test(request.url())) {
      asked.push(request.url());
    }
  });
  return { page, complaints, asked };
}
