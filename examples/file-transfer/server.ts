// The file server. Users log in, and each has a home directory.
//
//   npx tsx examples/file-transfer/server.ts add-user alice --root ./files --quota 1GB
//   npx tsx examples/file-transfer/server.ts --root ./files --port 9021
//
// Without --root it uses a temporary directory with one user, and removes both at the end.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { isUnstickError } from '../../src/entries/main.ts';
import { listen } from '../../src/entries/peer.ts';
import type { PeerServer } from '../../src/entries/peer.ts';
import { versionText } from '../support/version.ts';
import { Complaint, complaintOf, portOf, runProgram, untilAskedToEnd } from '../support/program.ts';
import { printLine } from '../support/shown.ts';
import { Refusal } from './both/refusal.ts';
import { expectLargeBuffers } from './both/large-buffers.ts';
import { readSecret } from './both/secret.ts';
import { parseSize, showSize } from './both/sizes.ts';
import { WINDOW } from './both/wire.ts';
import { Accounts } from './server/accounts.ts';
import { Attempts, usualLimits } from './server/attempts.ts';
import { Door } from './server/door.ts';
import { Gate } from './server/gate.ts';
import { Session } from './server/session.ts';
import { Users } from './server/users.ts';
import { Workers } from './server/workers.ts';

interface ServeFlags {
  readonly port: string;
  readonly host: string;
  readonly root?: string;
  readonly workers: string;
  readonly maxConnections: string;
  readonly maxEntries: string;
  readonly idle: string;
  readonly tlsKey?: string;
  readonly tlsCert?: string;
}

const guest = { name: 'guest', password: 'guest', quota: 1_000_000_000 };

function countFrom(name: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1 && count <= 1_000_000) {
    return count;
  }
  throw new Complaint(`${name} must be a whole number from 1 to 1000000, not ${text}.`);
}

async function readTls(flags: ServeFlags): Promise<{ key: Buffer; cert: Buffer } | undefined> {
  const { tlsKey, tlsCert } = flags;
  if (tlsKey === undefined && tlsCert === undefined) {
    return undefined;
  }
  if (tlsKey === undefined || tlsCert === undefined) {
    throw new Complaint('TLS needs both, --tls-key and --tls-cert.');
  }
  return { key: await readFile(tlsKey), cert: await readFile(tlsCert) };
}

async function startServer(root: string, flags: ServeFlags): Promise<PeerServer> {
  const gate = new Gate(new Users(root), new Attempts(usualLimits, () => performance.now()));
  const workers = new Workers(countFrom('--workers', flags.workers));
  const idleMs = 1000 * countFrom('--idle', flags.idle);
  const tls = await readTls(flags);
  const door = new Door(
    gate,
    new Accounts(root, countFrom('--max-entries', flags.maxEntries)),
    printLine,
  );
  const server = listen(
    (peer, duplex) => {
      const account = door.whoIs(duplex);
      const say = (line: string): void =>
        printLine(`[${account.name} ${peer.remoteAddress}] ${line}`);
      say('logged in');
      void peer.closed.then(() => say('left'));
      return new Session(peer, account, { user: account.name, workers, idleMs, log: say });
    },
    {
      port: portOf(flags.port),
      host: flags.host,
      maxConnections: countFrom('--max-connections', flags.maxConnections),
      window: WINDOW,
      admitTimeout: 15_000,
      admit: (duplex) => door.enter(duplex),
      onError: (error) => {
        // Refusals and broken transfers are logged already.
        if (error instanceof Refusal || isUnstickError(error)) {
          return;
        }
        printLine(`error: ${complaintOf(error)}`);
      },
      ...(tls === undefined ? {} : { tls }),
    },
  );
  await server.ready;
  return server;
}

async function serveUntilAsked(root: string, flags: ServeFlags): Promise<void> {
  const server = await startServer(root, flags);
  printLine(`listening on ${flags.host}:${server.port}`);
  await untilAskedToEnd();
  await server.close({ within: 2000 });
}

async function play(flags: ServeFlags): Promise<void> {
  if (flags.host !== '127.0.0.1') {
    throw new Complaint(
      'Give --root: without it there is one user with a known password, so --host must be 127.0.0.1.',
    );
  }
  const root = await mkdtemp(join(tmpdir(), 'unstick-files-'));
  try {
    await new Users(root).add(guest.name, guest.password, { quota: guest.quota });
    printLine(
      `Without --root: user ${guest.name}, password ${guest.password}, until this server ends`,
    );
    await serveUntilAsked(root, flags);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function addUser(name: string, flags: { root: string; quota: string }): Promise<void> {
  const quota = parseSize(flags.quota);
  if (quota === undefined) {
    throw new Complaint(`--quota is ${flags.quota}; it must be a size such as 500MB or 2GiB.`);
  }
  const password = await readSecret(`Password for ${name}: `);
  const user = await new Users(flags.root).add(name, password, { quota });
  printLine(`${user.name} may log in and keep ${showSize(quota)}`);
}

const program = new Command('server.ts')
  .version(versionText(), '-V, --version', 'the version')
  .description('A file server: logins, homes, quotas, transfers that can be resumed.')
  .option('--root <directory>', 'where users and their files are; default: a temporary one')
  .option('--port <n>', 'where to listen; 0 takes a free port', '9021')
  .option('--host <address>', 'the address to listen on', '127.0.0.1')
  .option('--workers <n>', 'maximum transfers at once; further ones wait in line', '8')
  .option('--max-connections <n>', 'maximum clients at once', '256')
  .option('--max-entries <n>', 'maximum files and directories of one user', '100000')
  .option('--idle <seconds>', 'time in which a transfer must move 64 KiB', '60')
  .option('--tls-key <file>', 'TLS: the private key')
  .option('--tls-cert <file>', 'TLS: the certificate')
  .action(async (flags: ServeFlags) => {
    await (flags.root === undefined ? play(flags) : serveUntilAsked(flags.root, flags));
  });
program
  .command('add-user <name>')
  .description(
    'adds a user, or changes password and quota; asks for the password, or reads standard input',
  )
  .requiredOption('--quota <size>', 'bytes that the user may keep, such as 500MB or 2GiB')
  .action((name: string, flags: { quota: string }) => {
    const { root } = program.opts<{ root?: string }>();
    if (root === undefined) {
      throw new Complaint('add-user needs --root.');
    }
    return addUser(name, { ...flags, root });
  });

expectLargeBuffers();
await runProgram(async () => {
  await program.parseAsync().catch((error: unknown) => {
    throw error instanceof Refusal ? new Complaint(error.message) : error;
  });
});
