// Records conversations of a server with its clients on loopback, as packets.
//
// Rules:
// - A server listens on a free port, and writes only to a temporary folder of its own.
// - A recording is kept under a hash of all that made it, so it is made once on a machine.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ForeignProcess } from '../../../test/interop/support/foreign-process.ts';
import { freePort } from '../../../test/support/free-port.ts';
import type { RecordedProtocol } from './protocol.ts';

const run = promisify(execFile);
/** All recordings of this machine. */
const RECORDINGS = join(tmpdir(), 'unstick-recorded');
const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url));

/**
 * What stands in front of each script. `as` runs a program as a user of the system where we may, for servers that
 * refuse to be root.
 */
const PRELUDE = `set -e
cd "$FOLDER"
export HOME="$FOLDER" LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
as() { if [ "$(id -u)" = 0 ]; then chown -R "$1" "$FOLDER"; setpriv --reuid="$1" --regid="$1" --clear-groups "\${@:2}"; else "\${@:2}"; fi; }
`;
/** The package that has dumpcap. */
const RECORDER = 'wireshark-common';
/** Maximum time of one client in seconds. */
const CLIENT_TIME = 60;
/** After this many ms dumpcap has read all packets: it reads four times a second. */
const SETTLE = 1000;

/** The packages that are not installed, of all that these protocols need. */
export async function missingPackages(
  protocols: readonly RecordedProtocol[],
): Promise<readonly string[]> {
  const all = [RECORDER, ...protocols.flatMap(({ packages }) => packages.split(' '))];
  const names = [...new Set(all)];
  const words = ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names];
  // dpkg-query fails if it does not know one of them, and tells of the others.
  const { stdout } = await run('dpkg-query', words).catch(
    ({ stdout: told = '' }: { readonly stdout?: string }) => ({ stdout: told }),
  );
  const installed = new Set(stdout.split('\n'));
  return names.filter((name) => !installed.has(`${name} installed`)).toSorted();
}

/** The path of the recording of a protocol: the one that is kept, or a new one. */
export async function recordingOf(protocol: RecordedProtocol): Promise<string> {
  const name = protocol.name.replaceAll(/\W+/g, '-');
  const path = join(RECORDINGS, `${name}-${hashOf(protocol)}.pcapng`);
  if (!existsSync(path)) {
    mkdirSync(RECORDINGS, { recursive: true });
    const fresh = `${path}.${process.pid}`;
    try {
      await record(protocol, fresh);
      renameSync(fresh, path);
    } finally {
      await rm(fresh, { force: true });
    }
  }
  return path;
}

/** The hash of the scripts, and of the programs that they name. */
function hashOf({ server, clients }: RecordedProtocol): string {
  const hash = createHash('sha256').update(JSON.stringify([PRELUDE, server, clients]));
  for (const [, name = ''] of [server, ...clients].join(' ').matchAll(/\$PROGRAMS\/([\w./]+)/g)) {
    hash.update(readFileSync(join(PROGRAMS, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

function scriptWords(script: string): string[] {
  return ['-c', PRELUDE + script];
}

/** Starts the server, and lets the clients come one after the other while the packets are written to a file. */
async function record({ server, clients }: RecordedProtocol, path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-recorded-'));
  // Servers that run as another user pass through it.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const env = { PORT: String(port), FOLDER: folder, PROGRAMS };
  const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const started = await ForeignProcess.start({
      file: 'bash',
      args: scriptWords(server),
      port,
      env,
    });
    undo.push(() => started.stop());
    undo.push(await startCapture(port, path));
    for (const client of clients) {
      // The program timeout ends what a client has started, too.
      const limited = [String(CLIENT_TIME), 'bash', ...scriptWords(client)];
      await run('timeout', limited, { env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
    }
  } finally {
    for (const step of undo.toReversed()) {
      await step();
    }
  }
}

/** Writes the packets of a port to a file, from now until the function that is returned is called. */
async function startCapture(port: number, path: string): Promise<() => Promise<void>> {
  const words = ['-q', '-i', 'lo', '-f', `tcp port ${port}`, '-w', path];
  const child = spawn('dumpcap', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  while (!told.includes('File: ')) {
    await Promise.race([once(child.stderr, 'data'), exited]);
    if (child.exitCode !== null) {
      throw new Error(`dumpcap cannot capture on lo: ${told}`);
    }
  }
  return async () => {
    await sleep(SETTLE);
    child.kill('SIGINT');
    await exited;
  };
}
