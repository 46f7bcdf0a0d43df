// exim: a whole SMTP session, in which greeting, EHLO and the id of the message change each time.

import { describe, expect, test } from 'vitest';
import { eximServer } from './support/exim-server.ts';
import { answers, between, says, verdictOn } from './support/innocent.ts';
import { findProgram } from './support/software.ts';

const exim = findProgram('exim4');

const greeting = answers(1, { greeting: between('220 ', '\r\n') });
const hello = [says('EHLO client.test\r\n'), answers('250 HELP\r\n')];

describe.skipIf(exim === undefined)('exim (needs exim4-daemon-light)', () => {
  const server = eximServer(exim ?? '');

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
    expect(await verdictOn('exim, no such command', steps, { to })).toMatch(
      /^INCONCLUSIVE: .*does not fit: in step 4 /,
    );
  });
});
