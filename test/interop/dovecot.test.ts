// Dovecot: IMAP sessions with a password that is sent, with literals that wait for the server, and with
// CRAM-MD5, whose challenge is new each time.

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/prove/dialogue/dialogue.ts';
import { foreignServer } from './support/foreign-process.ts';
import type { Place } from './support/foreign-process.ts';
import { answers, between, says, verdictOn } from './support/innocent.ts';
import { findProgram } from './support/software.ts';
import { giveFolder, isRoot, userOf } from './support/users.ts';
import type { User } from './support/users.ts';

const dovecot = findProgram('dovecot');

/** One user `me` with the password `secret`. */
function configuration({ port, folder }: Place, { uid, gid }: User): string {
  return `
    protocols = imap
    base_dir = ${folder}/run
    state_dir = ${folder}/state
    log_path = /dev/stderr
    listen = 127.0.0.1
    ssl = no
    disable_plaintext_auth = no
    auth_mechanisms = plain cram-md5
    auth_failure_delay = 0
    first_valid_uid = 1
    mail_location = maildir:${folder}/mail
    mail_max_userip_connections = 1000
    passdb {
      driver = passwd-file
      args = ${folder}/users
    }
    userdb {
      driver = static
      args = uid=${uid} gid=${gid} home=${folder}/mail
    }
    service anvil {
      unix_listener anvil-auth-penalty {
        mode = 0
      }
    }
    service imap-login {
      inet_listener imap {
        port = ${port}
      }
      inet_listener imaps {
        port = 0
      }
    }`;
}

const greeting = answers(1);
/** How long a command took stands in its last line. */
const done = (tag: string): Step => {
  const took = { [`took-${tag}`]: between('completed (', ' secs') };
  return answers(' secs).\r\n', took);
};
const session = [
  says('b SELECT INBOX\r\n'),
  done('b'),
  says('c SEARCH SUBJECT {6}\r\n'),
  answers(1),
  says('粘包 TEXT "x"\r\n'),
  done('c'),
  says('d LOGOUT\r\n'),
  done('d'),
];

describe.skipIf(dovecot === undefined || !isRoot)('Dovecot (needs dovecot-imapd and root)', () => {
  const server = foreignServer(async (place) => {
    const { folder } = place;
    const user = (await userOf('mail')) ?? { uid: 0, gid: 0 };
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'mail'));
    await giveFolder(join(folder, 'mail'), user);
    await writeFile(join(folder, 'users'), 'me:{PLAIN}secret\n', { mode: 0o644 });
    const file = join(folder, 'dovecot.conf');
    await writeFile(file, configuration(place, user));
    return { file: dovecot ?? '', args: ['-F', '-c', file] };
  });

  test.each<[string, readonly Step[]]>([
    ['LOGIN', [greeting, says('a LOGIN me secret\r\n'), answers(1)]],
    [
      'literals',
      [
        greeting,
        says('a LOGIN {2}\r\n'),
        answers(1),
        says('me {6}\r\n'),
        answers(1),
        says('secret\r\n'),
        answers(1),
      ],
    ],
    [
      'CRAM-MD5',
      [
        greeting,
        says('a AUTHENTICATE CRAM-MD5\r\n'),
        answers(1, { nonce: between('+ ', '\r\n') }),
        says([
          {
            proof: 'cram-md5',
            with: { nonce: [{ value: 'nonce' }], user: 'me', password: 'secret' },
          },
          { text: '\r\n' },
        ]),
        answers(1),
      ],
    ],
  ])('lets in with %s however the session is cut', async (name, login) => {
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn(`dovecot, ${name}`, [...login, ...session], { to })).toBe('SAFE');
  });

  test('is not accused when the password is wrong', async () => {
    const steps = [greeting, says('a LOGIN me wrong\r\n'), answers('a OK ')];
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn('dovecot, a wrong password', steps, { to, patience: 3000 })).toMatch(
      /^INCONCLUSIVE: .*does not fit: in step 2 .*AUTHENTICATIONFAILED/,
    );
  });
});
