// Real sessions, recorded with `unstick record --twice` while their usual client has them. What is new on each
// connection is captured, and the file proves the server. What a client computes of its password is named.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseDialogue } from '../../src/prove/dialogue/parse.ts';
import { proveServer } from '../../src/prove/server/prove-server.ts';
import { startCommand } from '../support/command.ts';
import { eximServer } from './support/exim-server.ts';
import { verdictOn } from './support/innocent.ts';
import { mariadbServer } from './support/mariadb-server.ts';
import { postgresServer } from './support/postgres-server.ts';
import { findPostgres, findProgram } from './support/software.ts';
import type { Dialogue } from '../../src/prove/dialogue/dialogue.ts';

const run = promisify(execFile);

interface Recorded {
  readonly said: string;
  readonly dialogue: Dialogue;
}

/** Runs the client twice through `unstick record --twice`. Its port is the last argument that it gets. */
async function recordTwice(
  port: number,
  client: (port: number) => Promise<unknown>,
): Promise<Recorded> {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-record-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const to = `127.0.0.1:${port}`;
  const { child, ended } = startCommand(
    ['record', '--listen', '127.0.0.1:0', '--to', to, '--out', 'd.json', '--twice'],
    { cwd },
  );
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  for (const ready of [/127\.0\.0\.1:(\d+); Ctrl-C/, /run the client again/]) {
    await expect.poll(() => said).toMatch(ready);
    // A greeting with a clock differs only where the recordings are of different seconds.
    const second = Math.floor(Date.now() / 1000);
    await expect.poll(() => Math.floor(Date.now() / 1000)).toBeGreaterThan(second);
    await client(Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]));
  }
  const ran = await ended;
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  const dialogue = parseDialogue(readFileSync(join(cwd, 'd.json'), 'utf8'));
  return { said: ran.stdout, dialogue };
}

const SMTP = `
import smtplib, sys
with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), 'client.test') as smtp:
    smtp.sendmail('one@client.test', 'two@mail.test', 'Subject: hi\\r\\n\\r\\nhello\\r\\n')
`;

const exim = findProgram('exim4');
const python = findProgram('python3');
describe.skipIf(exim === undefined || python === undefined)(
  'a mail (needs exim4-daemon-light and python3)',
  () => {
    const server = eximServer(exim ?? '');

    test('is recorded with its greeting and its id captured', async () => {
      const { said, dialogue } = await recordTwice(server.port, (port) =>
        run(python ?? '', ['-c', SMTP, `${port}`]),
      );
      expect(said).toContain('which are new on each connection');
      const to = `127.0.0.1:${server.port}`;
      expect(await verdictOn('exim, recorded', dialogue.steps, { to })).toBe('SAFE');
    });
  },
);

const programs = findPostgres();
const psql = findProgram('psql');
const postgresQuery = (port: number): Promise<unknown> =>
  run(
    psql ?? '',
    ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'plain_user', '-c', 'SELECT 42', 'postgres'],
    {
      env: {
        ...process.env,
        PGPASSWORD: 'secret',
        PGSSLMODE: 'disable',
        PGGSSENCMODE: 'disable',
      },
    },
  );

describe.skipIf(programs === undefined || psql === undefined)(
  'a query with a password (needs postgresql)',
  () => {
    const server = postgresServer(programs ?? '', {
      rules: ['host all plain_user 127.0.0.1/32 password'],
      statements: ["CREATE ROLE plain_user LOGIN PASSWORD 'secret';"],
    });
    test('is recorded with the key of the session captured', async () => {
      const { said, dialogue } = await recordTwice(server.port, postgresQuery);
      expect(said).toContain('value1 is captured');
      const to = `127.0.0.1:${server.port}`;
      expect(await verdictOn('postgres, recorded', dialogue.steps, { to })).toBe('SAFE');
    });
  },
);

const mariadb = findProgram('mariadb');
const mariadbd = findProgram('mariadbd');
const installer = findProgram('mariadb-install-db');
const mariadbQuery = (port: number): Promise<unknown> =>
  run(mariadb ?? '', [
    '--no-defaults',
    '-h127.0.0.1',
    `-P${port}`,
    '-ume',
    '-psecret',
    '--skip-ssl',
    '-eSELECT 42',
  ]);

describe.skipIf([mariadb, mariadbd, installer].includes(undefined))(
  'a login that hangs on a nonce (needs mariadb-server)',
  () => {
    const server = mariadbServer({ mariadbd: mariadbd ?? '', installer: installer ?? '' });
    test('is recorded with its nonce captured, and says where a proof must stand', async () => {
      const { said, dialogue } = await recordTwice(server.port, mariadbQuery);
      expect(said).toMatch(
        /is captured: 2\d bytes of step 1 from .*if the client computes them of a password, put a "proof" there/,
      );
      const to = `127.0.0.1:${server.port}`;
      const { warnings } = await proveServer({ to, dialogue, runs: 5 });
      expect(warnings[0]).toMatch(/^step 2 of the dialogue differs from what .*Access denied/);
    });
  },
);
