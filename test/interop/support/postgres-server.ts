// A PostgreSQL server in a temporary cluster of its own, for the tests of one `describe`. It trusts everybody
// on this machine, and speaks TLS where it is asked to, with the certificate of the tests.

import { execFile } from 'node:child_process';
import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cert, key } from '../../support/self-signed.ts';
import { foreignServer } from './foreign-process.ts';
import { giveFolder, userOf } from './users.ts';
import type { User } from './users.ts';

const run = promisify(execFile);

/** A file that only the server may read: it insists on that for keys. */
async function secret(file: string, text: string, user: User | undefined): Promise<string> {
  await writeFile(file, text, { mode: 0o600 });
  if (user !== undefined) {
    await chown(file, user.uid, user.gid);
  }
  return file;
}

/** Who must prove how who they are: a line of pg_hba.conf for each, in front of "everybody is trusted". */
export interface Logins {
  readonly rules: readonly string[];
  /** Statements of one line that make the users. */
  readonly statements: readonly string[];
}

async function addLogins(
  { rules, statements }: Logins,
  { programs, cluster, user }: { programs: string; cluster: string; user: User | undefined },
): Promise<void> {
  const file = join(cluster, 'pg_hba.conf');
  await writeFile(file, [...rules, await readFile(file, 'utf8')].join('\n'));
  const single = ['--single', '-D', cluster, 'postgres'];
  const made = run(join(programs, 'postgres'), single, { ...user, cwd: cluster });
  made.child.stdin?.end(statements.join('\n'));
  await made;
}

/** `programs` is the folder with `initdb` and `postgres`. */
export function postgresServer(
  programs: string,
  logins?: Logins,
): {
  readonly port: number;
  /** Its unix socket, on which it does not speak TLS. */
  readonly path: string;
} {
  let path = '';
  const server = foreignServer(async ({ port, folder }) => {
    path = join(folder, `.s.PGSQL.${port}`);
    // PostgreSQL refuses to be root; where we are, it is Debian's user for it.
    const user = await userOf('postgres');
    await giveFolder(folder, user);
    const cluster = join(folder, 'cluster');
    const how = ['-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync'];
    await run(join(programs, 'initdb'), ['-D', cluster, ...how], { ...user, cwd: folder });
    if (logins !== undefined) {
      await addLogins(logins, { programs, cluster, user });
    }
    const settings = [
      'fsync=off',
      'autovacuum=off',
      'listen_addresses=127.0.0.1',
      'ssl=on',
      `ssl_cert_file=${await secret(join(folder, 'cert.pem'), cert, user)}`,
      `ssl_key_file=${await secret(join(folder, 'key.pem'), key, user)}`,
    ];
    return {
      file: join(programs, 'postgres'),
      args: [
        '-D',
        cluster,
        '-p',
        `${port}`,
        '-k',
        folder,
        ...settings.flatMap((one) => ['-c', one]),
      ],
      ready: /ready to accept connections/,
      user,
      endSignal: 'SIGINT', // SIGTERM would wait for clients.
    };
  });
  return {
    get port(): number {
      return server.port;
    },
    get path(): string {
      return path;
    },
  };
}
