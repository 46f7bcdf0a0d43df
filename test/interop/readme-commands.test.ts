// The commands of npx in the README work as printed: in a directory that has the package installed, and
// in a clone. Needs npm. Run `npm run build` before.

import { exec } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readMarkdown, root } from '../docs/markdown.ts';
import { against } from '../docs/programs.ts';

const TIME_LIMIT_MS = 240_000;
const { blocks } = readMarkdown('README.md');

test(
  'npx unstick runs in a clone',
  async () => {
    const { stdout } = await shell('npx unstick prove --help', root);
    expect(stdout).toContain('unstick prove');
  },
  TIME_LIMIT_MS,
);

test(
  'the pasted server is broken as the README shows, where the package is installed',
  async () => {
    const proof = blocks.find(({ text }) => text.startsWith('npx unstick prove'));
    const output = blocks.find(({ after }) => after === proof)?.text ?? '';
    const folder = directoryWithPackage();
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'server.mjs'), proof?.after?.text ?? '');
    const { code, stdout } = await shell(proof?.text ?? '', folder);
    expect(code).toBe(1);
    const [report = ''] = stdout.split('\n\nreplay: ');
    expect(against(output, report)).toBe(output);
  },
  TIME_LIMIT_MS,
);

interface Ended {
  readonly code: number;
  readonly stdout: string;
}

/** Runs a command as a reader types it, but lets npx download nothing. */
function shell(command: string, cwd: string): Promise<Ended> {
  const offline = { npm_config_yes: 'false', npm_config_offline: 'true' };
  const env = { ...process.env, ...offline, NO_COLOR: '1' };
  return new Promise((resolve) => {
    exec(command, { cwd, env, timeout: TIME_LIMIT_MS }, (error, stdout) => {
      resolve({ code: error?.code ?? 0, stdout });
    });
  });
}

/** What `npm install unstick` leaves: the package, and its bin. */
function directoryWithPackage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-readme-'));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  symlinkSync(root, join(folder, 'node_modules/unstick'), 'dir');
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
  symlinkSync('../unstick/dist/cli/main.js', join(folder, 'node_modules/.bin/unstick'));
  return folder;
}
