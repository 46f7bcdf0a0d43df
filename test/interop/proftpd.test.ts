// ProFTPD 1.3.8: an FTP login with a password, and a fault that nobody planted. A command whose CR and LF
// come apart is never answered.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/prove/dialogue/dialogue.ts';
import { foreignServer } from './support/foreign-process.ts';
import type { Place } from './support/foreign-process.ts';
import { answers, says, verdictOn } from './support/innocent.ts';
import { findProgram } from './support/software.ts';
import { giveFolder, isRoot, userOf } from './support/users.ts';
import type { User } from './support/users.ts';

const proftpd = findProgram('proftpd');

function configuration({ port, folder }: Place): string {
  return [
    'ServerType standalone',
    'ServerName test',
    'DefaultServer on',
    'DefaultAddress 127.0.0.1',
    'SocketBindTight on',
    `Port ${port}`,
    'User nobody',
    'Group nogroup',
    `PidFile ${folder}/pid`,
    `ScoreboardFile ${folder}/scores`,
    `SystemLog ${folder}/log`,
    'WtmpLog off',
    'DelayEngine off',
    'UseReverseDNS off',
    'MaxInstances 500',
    `AuthUserFile ${folder}/users`,
    'AuthOrder mod_auth_file.c',
    'RequireValidShell off',
    '',
  ].join('\n');
}

/** The password `secret`. */
const HASH =
  '$6$SAnjBkuvzvIrgfQT$yMRJFaj5NqTLqtsknTjVE5nEtaGEil0WY3ftzNCKwlky1X/03rGgrh2EXIdG9MIm8akqOvdIAL3Ji0QBPnMoE0';

function userLine({ uid, gid }: User, home: string): string {
  return `me:${HASH}:${uid}:${gid}::${home}:/bin/false\n`;
}

const lines = ['USER me', 'PASS secret', 'TYPE I', 'NO SUCH', 'QUIT'].map((line) => `${line}\r\n`);
const steps = [answers(1), ...lines.flatMap((line): readonly Step[] => [says(line), answers(1)])];

describe.skipIf(proftpd === undefined || !isRoot)('ProFTPD (needs proftpd-core and root)', () => {
  const server = foreignServer(async (place) => {
    const { folder } = place;
    const user = (await userOf('nobody')) ?? { uid: 0, gid: 0 };
    const home = join(folder, 'home');
    await giveFolder(folder, { uid: 0, gid: 0 });
    await mkdir(home);
    await giveFolder(home, user);
    await writeFile(join(folder, 'users'), userLine(user, home), { mode: 0o600 });
    const file = join(folder, 'proftpd.conf');
    await writeFile(file, configuration(place));
    return { file: proftpd ?? '', args: ['-n', '-q', '-c', file] };
  });

  test('is BROKEN between CR and LF, behind a login', async () => {
    const to = `127.0.0.1:${server.port}`;
    const report = await verdictOn('proftpd, a session', steps, { to, patience: 1000 });
    expect(report).toMatch(/^BROKEN by this schedule/);
    const cuts = Array.from(report.matchAll(/cut before byte (\d+) of request (\d+)/g), (found) => {
      const [at, request] = found.slice(1).map(Number);
      return lines[(request ?? 0) - 1]?.slice((at ?? 0) - 1);
    });
    expect(cuts).toEqual(['\r\n']);
  });
});
