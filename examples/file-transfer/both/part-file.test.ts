// Two programs that write a part of the same name: neither changes the bytes of the other.

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PartFile } from './part-file.ts';

const LENGTH = 1000;

async function place(): Promise<{ readonly path: string; readonly target: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'unstick-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { path: join(folder, 'a.fetching'), target: join(folder, 'a') };
}

/** Opens a part and appends half of its bytes. */
async function half(path: string, byte: string): Promise<PartFile> {
  const part = await PartFile.open(path, 'a');
  await append(part, byte);
  return part;
}

async function append(part: PartFile, byte: string): Promise<void> {
  await part.append(Buffer.alloc(LENGTH / 2, byte));
  await part.flush();
}

const busy = { code: 'E_BUSY' };

test.each([true, false])(
  'the program that starts over has the name (overwrite %s)',
  async (overwrite) => {
    const { path, target } = await place();
    const first = await half(path, 'x');
    const second = await PartFile.open(path, 'a');
    expect(second.length).toBe(LENGTH / 2);
    await second.empty();
    await append(second, 'y');
    await append(first, 'x');
    await first.complete(LENGTH);
    await expect(first.land(target, { overwrite })).rejects.toMatchObject(busy);
    await append(second, 'y');
    await second.complete(LENGTH);
    await second.land(target, { overwrite });
    expect(await readFile(target, 'latin1')).toBe('y'.repeat(LENGTH));
  },
);

test('a program that is late finds the finished file untouched', async () => {
  const { path, target } = await place();
  const first = await half(path, 'x');
  const second = await PartFile.open(path, 'a');
  await append(first, 'x');
  await first.complete(LENGTH);
  await first.land(target, { overwrite: false });
  await second.empty();
  await append(second, 'y');
  await second.close();
  await second.discard();
  expect(await readFile(target, 'latin1')).toBe('x'.repeat(LENGTH));
});

test('discards its own part only', async () => {
  const { path } = await place();
  const first = await half(path, 'x');
  await rm(path);
  await writeFile(path, 'of another program');
  await first.discard();
  expect(await readFile(path, 'latin1')).toBe('of another program');
  const own = await PartFile.open(path, 'a');
  await own.discard();
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});
