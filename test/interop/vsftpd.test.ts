// vsftpd: an FTP login and the commands that need no second connection.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/prove/dialogue/dialogue.ts';
import { foreignServer } from './support/foreign-process.ts';
import type { Place } from './support/foreign-process.ts';
import { answers, between, says, verdictOn } from './support/innocent.ts';
import { findProgram } from './support/software.ts';
import { giveFolder, isRoot } from './support/users.ts';

const vsftpd = findProgram('vsftpd');

function configuration({ port, folder }: Place): string {
  return [
    'listen=YES',
    'listen_address=127.0.0.1',
    `listen_port=${port}`,
    'background=NO',
    'anonymous_enable=YES',
    `anon_root=${folder}/files`,
    `secure_chroot_dir=${folder}/empty`,
    'xferlog_enable=NO',
    'delay_failed_login=0',
    'max_per_ip=0',
    '',
  ].join('\n');
}

const greeting = answers(1);
const command = (line: string, ...rest: Parameters<typeof answers>): readonly Step[] => [
  says(`${line}\r\n`),
  answers(...rest),
];

describe.skipIf(vsftpd === undefined || !isRoot)('vsftpd (needs vsftpd and root)', () => {
  const server = foreignServer(async (place) => {
    const { folder } = place;
    await giveFolder(folder, { uid: 0, gid: 0 });
    await mkdir(join(folder, 'empty'));
    await mkdir(join(folder, 'files', 'deeper'), { recursive: true });
    await writeFile(join(folder, 'files', 'deeper', '粘包.txt'), 'hello');
    const file = join(folder, 'vsftpd.conf');
    await writeFile(file, configuration(place));
    return { file: vsftpd ?? '', args: [file] };
  });

  test('lets in and obeys however the session is cut', async () => {
    const steps = [
      greeting,
      ...command('USER anonymous', 1),
      ...command('PASS me@client.test', 1),
      ...command('TYPE I', 1),
      ...command('CWD deeper', 1),
      ...command('SIZE 粘包.txt', 1),
      // Where the second connection would go to.
      ...command('PASV', 1, { port: between('(127,0,0,1,', ')') }),
      ...command('NO SUCH', 1),
      ...command('QUIT', 1),
    ];
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn('vsftpd, a session', steps, { to })).toBe('SAFE');
  });

  test('is not accused when the login is refused', async () => {
    const steps = [greeting, ...command('USER me', 1), ...command('PASS secret', '230 ')];
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn('vsftpd, a wrong login', steps, { to, patience: 2000 })).toMatch(
      /^INCONCLUSIVE: .*does not fit: in step 4 .*503 Login with USER first/,
    );
  });
});
