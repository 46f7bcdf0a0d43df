// MariaDB for the tests of one `describe`, with the user `me` whose password is `secret`.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { foreignServer } from './foreign-process.ts';
import { giveFolder, userOf } from './users.ts';

/** As it stands in the greeting; what follows it stands at known places then. */
export const VERSION = '10.11.0-unstick';
export const PLUGIN = 'mysql_native_password';

export function mariadbServer({
  mariadbd,
  installer,
}: {
  readonly mariadbd: string;
  readonly installer: string;
}): { readonly port: number } {
  return foreignServer(async ({ port, folder }) => {
    const user = await userOf('mysql');
    await giveFolder(folder, user);
    const data = `--datadir=${join(folder, 'data')}`;
    const normal = ['--auth-root-authentication-method=normal', '--skip-test-db'];
    await promisify(execFile)(installer, ['--no-defaults', data, ...normal], {
      ...user,
      cwd: folder,
    });
    const logins = join(folder, 'logins.sql');
    await writeFile(
      logins,
      `CREATE USER me@'%' IDENTIFIED VIA ${PLUGIN} USING PASSWORD('secret');\n`,
    );
    return {
      file: mariadbd,
      args: [
        '--no-defaults',
        data,
        `--socket=${folder}/socket`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--init-file=${logins}`,
        `--version=${VERSION}`,
        '--skip-name-resolve',
        '--max-connect-errors=1000000',
      ],
      ready: /ready for connections/,
      user,
    };
  });
}
