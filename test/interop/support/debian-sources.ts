// Captures of others, out of Debian's source packages. They are fetched when a test runs, and none of them
// is kept in this repository.
//
// Rules:
// - apt checks the archive by its signature, and each capture is checked against a hash that the test names.
// - A private list of sources and a private cache: the lists of this machine stay as they are.
// - What was fetched stays in the temporary folder, so that a second run fetches nothing.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './software.ts';

/** One file of a source package, by its name in there and its hash. */
export interface SourceFile {
  readonly name: string;
  readonly sha256: string;
}

const run = promisify(execFile);
const home = join(tmpdir(), 'unstick-debian-sources');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Whether there is an apt here whose archive is Debian's. */
export const hasDebianSources: boolean =
  existsSync(KEYRING) &&
  ['apt-get', 'tar', 'bzip2'].every((name) => findProgram(name) !== undefined);

/** Options that make apt work in a folder of its own. */
function privately(folder: string): string[] {
  return [
    `Dir::Etc::SourceList=${join(folder, 'sources.list')}`,
    'Dir::Etc::SourceParts=/nonexistent',
    `Dir::State::Lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
}

async function codename(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1] ?? 'stable';
}

/** Fetches the source of a package as its authors published it, and returns the file of the archive. */
async function archiveOf(source: string): Promise<string> {
  const folder = join(home, source);
  const find = async (): Promise<string | undefined> =>
    (await readdir(folder)).find((name) => /\.orig\.tar\.\w+$/.test(name));
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true });
  await mkdir(join(folder, 'cache'), { recursive: true });
  if ((await find()) === undefined) {
    const line = `deb-src [signed-by=${KEYRING}] http://deb.debian.org/debian ${await codename()} main\n`;
    await writeFile(join(folder, 'sources.list'), line);
    const options = privately(folder);
    await run('apt-get', [...options, '-qq', 'update']);
    const get = [...options, '-qq', 'source', '--download-only', '--tar-only', source];
    await run('apt-get', get, { cwd: folder });
  }
  const name = await find();
  if (name === undefined) {
    throw new Error(`apt fetched no source of ${source}`);
  }
  return join(folder, name);
}

async function hasHash(path: string, sha256: string): Promise<boolean> {
  const bytes = existsSync(path) ? await readFile(path) : undefined;
  return bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === sha256;
}

/**
 * Unpacks files of a source package, wherever they lie in it, and returns the folder with them. Rejects
 * when one of them is not there, or is another than the test was written for.
 */
export async function sourceFiles(source: string, files: readonly SourceFile[]): Promise<string> {
  const folder = join(home, `${source}-files`);
  const missing = new Set<string>();
  for (const { name, sha256 } of files) {
    if (!(await hasHash(join(folder, name), sha256))) {
      missing.add(name);
    }
  }
  if (missing.size > 0) {
    await mkdir(folder, { recursive: true });
    const archive = await archiveOf(source);
    const wanted = [...missing].map((name) => `*/${name}`);
    const flat = ['--wildcards', '--transform=s,.*/,,', '-C', folder];
    await run('tar', ['-xf', archive, ...flat, ...wanted]);
  }
  for (const { name, sha256 } of files) {
    if (!(await hasHash(join(folder, name), sha256))) {
      throw new Error(`${name} of ${source} is not the file that this test was written for`);
    }
  }
  return folder;
}
