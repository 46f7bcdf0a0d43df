// Which foreign software is installed here. A test that needs one skips by name where it is absent.

import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps servers, which is not in everybody's PATH. */
const systemFolders = ['/usr/sbin', '/usr/local/sbin'];
const postgresFolder = '/usr/lib/postgresql';

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program's file; undefined where there is none of that name. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).concat(systemFolders);
  return folders.map((folder) => join(folder, name)).find((file) => isProgram(file));
}

/** The folder with `initdb` and `postgres`: Debian keeps one for each version, outside of PATH. */
export function findPostgres(): string | undefined {
  const versions = existsSync(postgresFolder) ? readdirSync(postgresFolder) : [];
  return versions
    .toSorted((one, other) => Number(other) - Number(one))
    .map((version) => join(postgresFolder, version, 'bin'))
    .find((folder) => ['postgres', 'initdb'].every((name) => isProgram(join(folder, name))));
}
