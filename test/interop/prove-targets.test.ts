// How often the prover is right: a sample of the servers with a known truth, with default options. All of
// them take about half an hour: node test/targets/run.mjs.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test, onTestFinished } from 'vitest';

const run = fileURLToPath(new URL('../targets/run.mjs', import.meta.url));
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** UNSTICK_SEED tries other servers, with other schedules. */
const seed = process.env['UNSTICK_SEED'] ?? '1';
const SAMPLE = 8;

test(`the prover is right on ${SAMPLE} servers that it has not seen (needs npm run build)`, async () => {
  const words = [run, '--unstick', `${process.execPath} ${main}`, '--sample', String(SAMPLE)];
  const child = spawn(process.execPath, [...words, '--seed', seed], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGTERM'));
  let said = `seed ${seed}\n`;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  expect({ code: child.exitCode, said }).toMatchObject({ code: 0 });
}, 900_000);
