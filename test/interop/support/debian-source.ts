// Files of Debian source packages, such as the captures of ndpi and wireshark: fetched when a test needs them,
// kept outside of the repository, and never committed. apt checks the signature of the index and the hash of the
// archive; an archive that is kept is hashed again.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { findProgram } from './software.ts';

const run = promisify(execFile);
/** One for all test files, so that each archive is fetched once on a machine. */
const folder = join(tmpdir(), 'unstick-debian-source');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SOURCES = `Types: deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm
Components: main
Signed-By: ${KEYRING}
`;

interface Archive {
  readonly name: string;
  readonly hash: string;
}

/** Whether sources can be asked for here: with Debian's apt, its keys, and the programs that unpack. */
export const hasDebianSource: boolean =
  existsSync(KEYRING) &&
  ['apt-get', 'flock', 'tar', 'bzip2'].every((name) => findProgram(name) !== undefined);

/**
 * The paths of the files of a source package that match the patterns of tar, such as `*.pcap`. Rejects where
 * the package cannot be fetched.
 */
export async function debianSource(
  name: string,
  patterns: readonly string[],
): Promise<readonly string[]> {
  const archive = await archiveOf(name);
  const kept = join(folder, 'archives', archive.name);
  if (!existsSync(kept) || (await sha256(kept)) !== archive.hash) {
    await fetchArchive(name);
  }
  const hash = await sha256(kept);
  if (hash !== archive.hash) {
    throw new Error(`${archive.name} has the hash ${hash}, and the index says ${archive.hash}`);
  }
  const key = createHash('sha256')
    .update(JSON.stringify([hash, patterns]))
    .digest('hex');
  const target = join(folder, 'files', `${name}-${key.slice(0, 16)}`);
  if (!existsSync(target)) {
    await unpack(kept, target, patterns);
  }
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** One file of a source package, by its name in there and its hash. */
export interface SourceFile {
  readonly name: string;
  readonly sha256: string;
}

/**
 * The paths of these files of a source package, by name, wherever they lie in it. Rejects when one is not
 * there, or is another than the test was written for.
 */
export async function debianFiles(
  source: string,
  files: readonly SourceFile[],
): Promise<Map<string, string>> {
  const patterns = files.map(({ name }) => `*/${name}`);
  const found = await debianSource(source, [...new Set(patterns)].toSorted());
  const paths = new Map<string, string>();
  for (const { name, sha256: wanted } of files) {
    const path = found.find((one) => one.endsWith(`/${name}`)) ?? '';
    if (path === '' || (await sha256(path)) !== wanted) {
      throw new Error(`${name} of ${source} is not the file that this test was written for`);
    }
    paths.set(name, path);
  }
  return paths;
}

/** Unpacks beside the target first, so that a run that was killed leaves nothing half done. */
async function unpack(archive: string, target: string, patterns: readonly string[]): Promise<void> {
  const fresh = `${target}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const words = ['-xf', archive, '-C', fresh, '--wildcards', '--no-anchored', ...patterns];
  try {
    await run('tar', words);
  } catch (error) {
    // tar fails when one of the patterns matches nothing, and unpacks what the others match.
    if (!String(error).includes('Not found in archive') || readdirSync(fresh).length === 0) {
      throw error;
    }
  }
  try {
    renameSync(fresh, target);
  } catch {
    // Another process was faster.
    rmSync(fresh, { recursive: true });
  }
}

/**
 * Runs apt-get with lists and sources of its own, so that it changes nothing of the system. Test files run beside
 * each other: one of them at a time, because apt-get fails when another one holds its lists.
 */
async function aptGet(words: readonly string[], inside = 'archives'): Promise<string> {
  const lists = join(folder, 'lists');
  const cwd = join(folder, inside);
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(cwd, { recursive: true });
  const sources = join(folder, 'debian.sources');
  writeFileSync(sources, SOURCES);
  const options = [
    `Dir::Etc::SourceList=${sources}`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    // The user of the sandbox cannot write into a temporary folder.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  const lock = join(folder, 'lock');
  const { stdout } = await run('flock', [lock, 'apt-get', '-q', ...options, ...words], { cwd });
  return stdout;
}

async function archiveOf(name: string): Promise<Archive> {
  // In a folder without archives: apt-get names none that it sees.
  const ask = (): Promise<string> =>
    aptGet(['source', '--download-only', '--tar-only', '--print-uris', name], 'empty');
  const told = await ask().catch(async () => {
    await aptGet(['update']);
    return ask();
  });
  const [, file = '', hash = ''] =
    /^'[^']+' (\S+\.orig\.tar\.\w+) \d+ SHA256:([0-9a-f]{64})/m.exec(told) ?? [];
  if (hash === '') {
    throw new Error(`apt-get names no archive of ${name}: ${told}`);
  }
  return { name: file, hash };
}

async function fetchArchive(name: string): Promise<void> {
  await aptGet(['source', '--download-only', '--tar-only', name]);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
