// `npm run demo -- --web`: the client and the server of scene 3 once more, with the inspector between them. Its page
// then shows each of their messages, and in which chunks it came.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { paint } from '../../support/ink.ts';
import { Complaint } from '../../support/program.ts';
import { endProcesses, startProcess } from '../../support/processes.ts';
import { StartedProgram } from '../../support/started-program.ts';
import { printing } from '../stage/commands.ts';
import { Program, startServer } from '../stage/programs.ts';
import type { Stage } from '../stage/stage.ts';

const COMMANDS = ['node --help', 'node --version', printing(32)];
/** The built command line: the page is a part of the build. */
const COMMAND_LINE = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

interface Seen {
  readonly half: number;
  readonly sticky: number;
  readonly errors: number;
}

/** The inspector between a client and a server, with its page. */
interface Inspector {
  readonly port: number;
  readonly url: string;
}

/** Shows the page until `ended` resolves. */
export async function pageScene(stage: Stage, ended: Promise<void>): Promise<void> {
  if (!existsSync(COMMAND_LINE)) {
    throw new Complaint('The page is not built. Run npm run build first.');
  }
  try {
    await Promise.race([play(stage), ended]);
    await ended;
  } finally {
    await endProcesses();
  }
}

async function play(stage: Stage): Promise<void> {
  const words = stage.words.page;
  stage.print(paint('bold', words.title));
  const { port: serverPort } = await startServer('whole/server.ts');
  const { port, url } = await startInspector(serverPort);
  const client = new Program('whole/client.ts', [port, ...COMMANDS]);
  for (const _ of COMMANDS) {
    await client.next('received');
  }
  await client.end();
  const { half, sticky, errors } = await whenRead(url);
  stage.claims.check(words.claimHalf(half), half > 0);
  stage.claims.check(words.claimSticky(sticky), sticky > 0);
  stage.claims.check(words.claimWhole, errors === 0);
  stage.print();
  stage.print(`  ${words.open}  ${url}`);
  stage.print(`  ${words.end}`);
}

async function startInspector(serverPort: number): Promise<Inspector> {
  const live = ['--listen', '127.0.0.1:0', '--to', `127.0.0.1:${serverPort}`, '--follow'];
  const framing = ['--frames', '{"codec":"messages"}', '--bytes'];
  const args = [COMMAND_LINE, 'inspect', ...live, ...framing, '--web'];
  const child = startProcess(process.execPath, args, { stdio: 'pipe' });
  const program = new StartedProgram('inspect', child, () => undefined);
  const [, url = ''] = await program.line(/^inspect (http:\S+)$/);
  const [, port = ''] = await program.line(/^inspect \S+:(\d+) ->/, { from: 'stderr' });
  return { port: Number(port), url };
}

/** What the page counts when both directions of the connection are over. */
async function whenRead(url: string): Promise<Seen> {
  for (;;) {
    const list = await ask(`${url}conversations?from=0&count=1`);
    if (/"isOpen":false/.test(list)) {
      const { summary }: { readonly summary: Seen } = JSON.parse(await ask(`${url}state`));
      return summary;
    }
  }
}

async function ask(url: string): Promise<string> {
  const response = await fetch(url);
  return response.text();
}
