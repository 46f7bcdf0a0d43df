// exim: a whole SMTP session, in which greeting, EHLO and the id of the message change each time.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { foreignServer } from './support/foreign-process.ts';
import type { Place } from './support/foreign-process.ts';
import { answers, between, says, verdictOn } from './support/innocent.ts';
import { findProgram } from './support/software.ts';
import { giveFolder, userOf } from './support/users.ts';

const exim = findProgram('exim4');

/** Takes every message from this machine and forgets it. */
function configuration({ folder }: Place): string {
  return `
    primary_hostname = mail.test
    spool_directory = ${folder}
    log_file_path = ${folder}/%slog
    tls_advertise_hosts =
    acl_smtp_rcpt = take
    acl_smtp_data = take
    smtp_accept_max_per_connection = 0
    begin acl
    take:
      accept
    begin routers
    forget:
      driver = redirect
      data = :blackhole:
    `.replaceAll(/^ {4}/gm, '');
}

const greeting = answers(1, { greeting: between('220 ', '\r\n') });
const hello = [says('EHLO client.test\r\n'), answers('250 HELP\r\n')];

describe.skipIf(exim === undefined)('exim (needs exim4-daemon-light)', () => {
  const server = foreignServer(async (place) => {
    const file = join(place.folder, 'exim.conf');
    await writeFile(file, configuration(place));
    await giveFolder(place.folder, await userOf('Debian-exim'));
    return { file: exim ?? '', args: ['-C', file, '-bdf', '-oX', `127.0.0.1.${place.port}`] };
  });

  test('takes a message however the session is cut', async () => {
    const steps = [
      greeting,
      ...hello,
      says('MAIL FROM:<one@client.test>\r\n'),
      answers(1),
      says('RCPT TO:<two@mail.test>\r\n'),
      answers(1),
      says('DATA\r\n'),
      answers(1),
      // A line that is a dot is sent as two; CR LF dot ends the message.
      says('Subject: 粘包\r\n\r\nhello\r\n..\r\n.. \r\n.\r\n'),
      answers(1, { id: between('id=', '\r\n') }),
      says('QUIT\r\n'),
      answers(1),
    ];
    expect(await verdictOn('exim, a message', steps, { to: `127.0.0.1:${server.port}` })).toBe(
      'SAFE',
    );
  });

  test('is not accused when the script does not fit', async () => {
    const steps = [greeting, ...hello, says('AUTH CRAM-MD5\r\n'), answers('334 ')];
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn('exim, no such command', steps, { to, patience: 500 })).toMatch(
      /^INCONCLUSIVE: .*does not fit: in step 4 /,
    );
  });
});
