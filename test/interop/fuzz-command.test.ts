// `npm run fuzz` as a command. It needs no foreign software, but starts each target anew, from source.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

test('the fuzzer writes what it found to a file, and prints the line that replays it', async () => {
  const run = fileURLToPath(new URL('../../fuzz/run.ts', import.meta.url));
  const tsx = import.meta.resolve('tsx');
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-fuzz-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const fuzz = async (...words: string[]): Promise<{ code: unknown; out: string }> => {
    const child = spawn(process.execPath, ['--import', tsx, run, ...words], { cwd });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code]: unknown[] = await once(child, 'close');
    return { code, out: Buffer.concat(chunks).toString() };
  };
  const found = await fuzz('--target', 'planted-error', '--runs', '1000', '--seed', '1');
  const [file = ''] = readdirSync(cwd);
  expect(found.out).toMatch(/BROKEN by 2 bytes: [0-9a-f]{4}\n/);
  expect(found.out).toContain(`npm run fuzz -- --replay ${file}`);
  expect(found.code).toBe(1);
  const again = await fuzz('--replay', file);
  expect(again.out).toContain('two large bytes');
  expect(again.code).toBe(1);
  expect((await fuzz('--target', 'nothing')).code).toBe(2);
});
