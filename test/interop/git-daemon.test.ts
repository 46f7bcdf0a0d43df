// git daemon: pkt-lines in both directions, from the capabilities to a packfile in side bands.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../support/bytes.ts';
import { pktLine } from '../support/kit/pkt-line.ts';
import type { PktLine } from '../support/kit/pkt-line.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { framesUnderCuts } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';

const git = findProgram('git');
const run = promisify(execFile);

const line = (text: string): PktLine => utf8(text);
const isFlush = (one: PktLine): boolean => one === 'flush';
const text = (one: PktLine): string =>
  typeof one === 'string' ? one : Buffer.from(one).toString();

/** A repository with one commit of a file that fills several side-band lines. */
async function makeRepository(folder: string): Promise<void> {
  const inside = (...args: readonly string[]): Promise<unknown> =>
    run(git ?? '', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  await inside('init', '-q', '-b', 'main');
  // It must not compress to nothing.
  const noise = Array.from(
    { length: 100_000 },
    (_, i) => ((i * 2_654_435_761) % 4_294_967_296) >> 24,
  );
  await writeFile(join(folder, 'noise'), Buffer.from(noise));
  await inside('add', 'noise');
  await inside('commit', '-q', '-m', 'one');
}

describe.skipIf(git === undefined)('git daemon (needs git)', () => {
  const server = foreignServer(async ({ port, folder }) => {
    await makeRepository(folder);
    const where = ['--listen=127.0.0.1', `--port=${port}`, `--base-path=${folder}`];
    return { file: git ?? '', args: ['daemon', '--export-all', '--reuseaddr', ...where, folder] };
  });

  test('lists what it has, and sends it', async () => {
    const talk = await Exchange.open(server.port, pktLine);
    talk.send(line('git-upload-pack /\0host=localhost\0\0version=2\0'));
    const capabilities = (await talk.until(isFlush)).map(text);
    expect(capabilities[0]).toBe('version 2\n');
    talk.send(line('command=ls-refs\n'), 'delimiter', line('ref-prefix refs/heads/\n'), 'flush');
    const [head = ''] = (await talk.until(isFlush)).map(text);
    expect(head).toMatch(/^[0-9a-f]{40} refs\/heads\/main\n$/);
    const want = line(`want ${head.slice(0, 40)}\n`);
    talk.send(line('command=fetch\n'), 'delimiter', want, line('done\n'), 'flush');
    const [first = 'end', ...bands] = await talk.until(isFlush);
    expect(text(first)).toBe('packfile\n');
    const pack = bands.flatMap((one) =>
      typeof one !== 'string' && one[0] === 1 ? [one.subarray(1)] : [],
    );
    expect(Buffer.concat(pack).subarray(0, 4).toString()).toBe('PACK');
    expect(Math.max(...pack.map(({ length }) => length))).toBeGreaterThan(1000);
    const frames = framesUnderCuts(pktLine, talk.close());
    expect(frames).toHaveLength(capabilities.length + 2 + bands.length + 1);
  });
});
