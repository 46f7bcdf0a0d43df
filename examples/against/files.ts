// Compares the file transfer with sftp. The file transfer always compares the SHA-256 of both files and syncs
// the written file to the disk. sftp does neither, so sftp is measured twice: alone, and followed by a
// sha256sum of both files and a sync.

import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { login } from '../file-transfer/client/login.ts';
import { password, World } from '../file-transfer/testing/world.ts';
import { writeNoise } from '../file-transfer/testing/break-and-resume.ts';
import { cert, key } from '../../test/support/self-signed.ts';
import type { Stage } from '../support/stage.ts';
import { memoryOf, seconds } from './measure.ts';
import { perSecond, showSeconds } from './settings.ts';
import type { Settings } from './settings.ts';
import { Sshd } from './sshd.ts';
import type { Comparison, Row } from './table.ts';

const SMALL = 4096;

export async function againstSftp(stage: Stage, settings: Settings): Promise<Comparison> {
  const sshd = await Sshd.start(stage);
  const world = await World.open({ tls: { key, cert } });
  try {
    await writeNoise(world.here('big'), settings.size);
    mkdirSync(world.here('many'));
    for (let n = 0; n < settings.files; n++) {
      writeFileSync(world.here(`many/${n}`), Buffer.alloc(SMALL, n));
    }
    const rows = [
      await firstCommand(world, sshd, settings),
      ...(await big(world, sshd, settings)),
      await small(world, sshd, settings),
      await idleUsers(world, sshd, settings),
    ];
    return { ours: 'this file transfer, TLS', theirs: 'sftp', rows };
  } finally {
    await world.end();
    await sshd.end();
  }
}

async function run(world: World, ...words: string[]): Promise<void> {
  const tls = ['--ca', join(world.root, '../cert.pem'), '--host', 'localhost'];
  const { code, stderr } = await world.start([...tls, ...words]).ended;
  if (code !== 0) {
    throw new Error(`${words.join(' ')}: ${stderr}`);
  }
}

/** Measures the start of the program and the login. Every time of the other rows includes both. */
async function firstCommand(world: World, sshd: Sshd, { rounds }: Settings): Promise<Row> {
  const ours = await seconds(rounds, () => run(world, 'pwd'));
  const theirs = await seconds(rounds, () => sshd.sftp(['pwd']));
  const what = 'a program that runs `pwd`: its start and the login, which is in each time below';
  return { what, ours: showSeconds(ours), theirs: showSeconds(theirs) };
}

async function big(world: World, sshd: Sshd, { size, rounds }: Settings): Promise<Row[]> {
  const there = join(sshd.folder, 'big');
  const [here, got] = [world.here('big'), world.here('got')];
  const check = (): void => {
    const sums = [here, there].map((file) =>
      execFileSync('sha256sum', [file]).toString().slice(0, 64),
    );
    execFileSync('sync', [there]);
    if (sums[0] !== sums[1]) {
      throw new Error('The sums differ.');
    }
  };
  const put = await seconds(rounds, () => run(world, 'put', '--yes', 'big'));
  const get = await seconds(rounds, () => run(world, 'get', '--yes', 'big', '--as', 'got'));
  await rm(got);
  const theirPut = await seconds(rounds, () => sshd.sftp([`put ${here} ${there}`]));
  const theirGet = await seconds(rounds, () => sshd.sftp([`get ${there} ${got}`]));
  const checked = await seconds(rounds, async () => check());
  const what = `${size / 2 ** 20} MiB`;
  const both = (plain: number): string =>
    `${perSecond(size, plain)}; checked and synced ${perSecond(size, plain + checked)}`;
  return [
    { what: `put ${what}`, ours: perSecond(size, put), theirs: both(theirPut) },
    { what: `get ${what}`, ours: perSecond(size, get), theirs: both(theirGet) },
  ];
}

async function small(world: World, sshd: Sshd, { files, rounds }: Settings): Promise<Row> {
  const there = join(sshd.folder, 'many');
  const ours = await seconds(rounds, () => run(world, 'put', '-r', '--yes', 'many'));
  const theirs = await seconds(rounds, () => sshd.sftp([`put -r ${world.here('many')} ${there}`]));
  const what = `put -r of ${files} files of ${SMALL / 1024} KiB`;
  return { what, ours: showSeconds(ours), theirs: showSeconds(theirs) };
}

async function idleUsers(world: World, sshd: Sshd, { idle }: Settings): Promise<Row> {
  const pid = world.server?.child.pid ?? 0;
  const before = [memoryOf(pid), memoryOf(sshd.pid)] as const;
  const server = { host: 'localhost', port: world.port, tls: { ca: Buffer.from(cert) } };
  const peers = [];
  for (let n = 0; n < idle; n++) {
    peers.push(await login(server, { user: 'alice', password }));
  }
  const crowd = Array.from({ length: idle }, () => sshd.ssh(['echo in; cat']));
  await Promise.all(crowd.map((one) => one.line('in')));
  const after = [memoryOf(pid), memoryOf(sshd.pid)] as const;
  await Promise.all(crowd.map((one) => one.end()));
  peers.forEach((peer) => peer.destroy());
  const show = (at: 0 | 1): string => `${before[at].toFixed(0)} → ${after[at].toFixed(0)} MiB`;
  return {
    what: `memory of the server, with 0 and ${idle} idle users`,
    ours: show(0),
    theirs: show(1),
  };
}
