// The client of the file server: one command, or a prompt.
//
//   npx tsx examples/file-transfer/client.ts --user alice put big.iso
//   npx tsx examples/file-transfer/client.ts --user alice --directory /tmp get big.iso --resume
//   npx tsx examples/file-transfer/client.ts --user alice

import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { actWithoutCommand } from '../support/no-command.ts';
import { versionText } from '../support/version.ts';
import { Complaint, portOf } from '../support/program.ts';
import { ownWords } from '../support/raw-words.ts';
import { printError } from '../support/shown.ts';
import { expectLargeBuffers } from './both/large-buffers.ts';
import { readSecret } from './both/secret.ts';
import { fieldsOf, textOf } from './both/wire.ts';
import { addCommands } from './client/commands.ts';
import type { Job } from './client/commands.ts';
import { login } from './client/login.ts';
import type { Server } from './client/login.ts';
import { Prompt } from './client/prompt.ts';
import { Talk } from './client/talk.ts';
import { complaintsOf } from './client/trouble.ts';

interface Flags {
  readonly host: string;
  readonly port: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly directory: string;
}

async function serverOf({ host, port, tls, ca }: Flags): Promise<Server> {
  if (ca !== undefined) {
    return { host, port: portOf(port), tls: { ca: await readFile(ca) } };
  }
  return { host, port: portOf(port), tls: tls === true ? {} : undefined };
}

async function userOf({ user }: Flags): Promise<string> {
  if (user !== undefined) {
    return user;
  }
  if (!process.stdin.isTTY) {
    throw new Complaint('Name the user with --user: there is no terminal to ask on.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question('User: ');
  } finally {
    terminal.close();
  }
}

/** Logs in, runs the command, and leaves. */
async function withServer(flags: Flags, job: Job): Promise<void> {
  const server = await serverOf(flags);
  const user = await userOf(flags);
  // The option has precedence over the environment variable.
  const known = flags.passwordFile === undefined ? process.env['FILES_PASSWORD'] : undefined;
  const password = known ?? (await readSecret(`Password for ${user}: `, flags.passwordFile));
  const talk = new Talk();
  const peer = await login(server, { user, password });
  peer.handleEvent('waiting', (params) => {
    talk.note(`${textOf(fieldsOf(params), 'title')} waits: all workers of the server are busy`);
  });
  try {
    await job({ peer, talk, directory: flags.directory });
  } finally {
    // The job is done or has failed, so ignore a server that is slow to end the connection.
    await peer.close({ within: 2000 }).catch(() => undefined);
  }
}

const program = new Command('client.ts')
  .version(versionText(), '-V, --version', 'the version')
  .description('Sends and fetches files. Without a command it shows a prompt.')
  .option('--host <address>', 'the server', '127.0.0.1')
  .option('--port <n>', 'its port', '9021')
  .option('--user <name>', 'who you are')
  .option('--password-file <file>', 'the password; without it FILES_PASSWORD, or you are asked')
  .option('--tls', 'use TLS, and trust the certificates of the system')
  .option('--ca <file>', 'use TLS, and trust only this certificate')
  .option('--directory <path>', 'where files come from and go to', '.');
actWithoutCommand(program, () => run((session) => new Prompt(session).run()));
addCommands(program, (job) => run(job));

function run(job: Job): Promise<void> {
  return withServer(program.opts<Flags>(), job);
}

expectLargeBuffers();
// When the reader of the output goes away, as in `ls | head -1`, end without a message.
process.stdout.once('error', () => process.exit(1));
try {
  const words = ownWords(process.argv.slice(2));
  if (words === undefined) {
    throw new Complaint(
      'A name on the command line is not UTF-8, and its bytes were lost on the way. ' +
        'Start the client without npm and npx: node --import tsx examples/file-transfer/client.ts …',
    );
  }
  await program.parseAsync(words, { from: 'user' });
} catch (error) {
  for (const complaint of complaintsOf(error)) {
    printError(complaint);
  }
  process.exitCode = 1;
}
