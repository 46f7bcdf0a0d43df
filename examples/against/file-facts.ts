// What the file transfer and sftp do when something goes wrong: found by trying, on this machine. Each row is
// one experiment with both.

import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sizeOf, untilSize, World } from '../file-transfer/testing/world.ts';
import { writeNoise } from '../file-transfer/testing/break-and-resume.ts';
import type { Stage } from '../support/stage.ts';
import { Sshd } from './sshd.ts';
import type { Comparison, Row } from './table.ts';

const SIZE = 256 * 2 ** 20;
const SMALL = 100_000;
/** Limit of sftp in Kbit/s, so that it still sends when it is killed. */
const SLOW = '80000';

export async function fileFacts(stage: Stage): Promise<Comparison> {
  const sshd = await Sshd.start(stage);
  const world = await World.open();
  try {
    const rows = [await killed(world, sshd), await resumed(world, sshd)];
    return { ours: 'this file transfer', theirs: 'sftp', rows };
  } finally {
    await world.end();
    await sshd.end();
  }
}

/** What has the name of the file when its sender was killed. */
async function killed(world: World, sshd: Sshd): Promise<Row> {
  const [here, there] = [world.here('half'), join(sshd.folder, 'half')];
  await writeNoise(here, SIZE);
  const ours = world.start(['put', 'half']);
  await untilSize(world.part('half'), 1);
  ours.child.kill('SIGKILL');
  await ours.ended;
  const theirs = sshd.startSftp([`put ${here} ${there}`], ['-l', SLOW]);
  await untilSize(there, 1);
  theirs.child.kill('SIGKILL');
  await theirs.ended;
  const row = {
    what: 'the client is killed during `put`: what has the name of the file',
    ours: named(await sizeOf(world.home('half'))),
    theirs: named(await sizeOf(there)),
  };
  await Promise.all([rm(here), rm(there, { force: true })]);
  return row;
}

function named(size: number | undefined): string {
  return size === undefined ? 'nothing' : size === SIZE ? 'the whole file' : 'a part of it';
}

/** Whether a copy is right when the file changed between the attempt that broke and the one that resumes. */
async function resumed(world: World, sshd: Sshd): Promise<Row> {
  const [here, there] = [world.here('changed'), join(sshd.folder, 'changed')];
  await writeNoise(here, SMALL);
  await writeFile(world.part('changed'), await readFile(here));
  await writeFile(there, await readFile(here));
  await Promise.all([world.part('changed'), there].map((path) => truncate(path, SMALL / 2)));
  await writeNoise(here, SMALL);
  await world.run('put', '--resume', 'changed');
  await sshd.startSftp([`reput ${here} ${there}`]).ended;
  const right = await readFile(here);
  const verdict = async (path: string): Promise<string> =>
    right.equals(await readFile(path)) ? 'the file' : 'a mixture of both files';
  return {
    what: 'resuming a `put` of a file that has changed (sftp: `reput`): the copy is',
    ours: await verdict(world.home('changed')),
    theirs: await verdict(there),
  };
}
