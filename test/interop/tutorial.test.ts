// docs/tutorial.md as a reader follows it: each program is saved under its name, each command is typed, and
// what it prints is compared with the page. A command without an output stays, as in another terminal, until
// the page starts the next server or spawns one. Run `npm run build` before.

import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { fileNameOf, readMarkdown, root } from '../docs/markdown.ts';
import type { Block } from '../docs/markdown.ts';
import { against } from '../docs/programs.ts';
import { freePort } from '../support/free-port.ts';

/** An upper bound: the prover alone plays for 20 s, and a busy machine took two minutes. */
const TIME_LIMIT_MS = 600_000;
const { blocks } = readMarkdown('docs/tutorial.md');
const folder = mkdtempSync(join(tmpdir(), 'unstick-tutorial-'));
const ports = { 9107: await freePort(), 9108: await freePort() };

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Terminal {
  readonly child: Child;
  /** What it printed, when it is over. */
  readonly printed: Promise<string>;
}

/** The commands that stay. The last one may have an output, further down on the page. */
const terminals: Terminal[] = [];

install();
afterAll(async () => {
  await endTerminals();
  rmSync(folder, { recursive: true, force: true });
});

/** What `npm install unstick` leaves, with the command. */
function install(): void {
  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/unstick'), 'dir');
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
  symlinkSync('../unstick/dist/cli/main.js', join(bin, 'unstick'));
}

function settled(text: string): string {
  return text.replaceAll('9107', String(ports[9107])).replaceAll('9108', String(ports[9108]));
}

/** As `settled`, for what was printed. */
function asOnThePage(text: string): string {
  return text.replaceAll(String(ports[9107]), '9107').replaceAll(String(ports[9108]), '9108');
}

function open(command: string): Terminal {
  const PATH = `${join(folder, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  // npx would start the same file, behind npm.
  const child = spawn('sh', ['-e', '-c', settled(command.replaceAll('npx unstick', 'unstick'))], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, PATH, NO_COLOR: '1' },
  });
  let text = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  }
  return { child, printed: once(child, 'close').then(() => asOnThePage(text).trimEnd()) };
}

/** Starts a command that stays, and waits until it says that it listens. */
async function stay(command: string): Promise<void> {
  if (command.startsWith('node ')) {
    await endTerminals();
  }
  const terminal = open(command);
  terminals.push(terminal);
  const { stdout, stderr } = terminal.child;
  await Promise.race([once(stdout, 'data'), once(stderr, 'data')]);
}

async function endTerminals(): Promise<void> {
  for (const { child, printed } of terminals.splice(0)) {
    if (child.exitCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGTERM');
    }
    await printed;
  }
}

async function outputOf(command: string): Promise<string> {
  if (command.includes('--spawn')) {
    await endTerminals();
  }
  return open(command).printed;
}

/** What follows a block as its output. */
function promisedBy(block: Block): string | undefined {
  return blocks.find(({ info, after }) => info === 'text' && after === block)?.text;
}

/** What the page promises at a place, and what was printed there. */
interface Compared {
  readonly promised: string;
  readonly printed: string;
}

/** Does what a block says. Gives what it printed, if the page has an output. */
async function follow(block: Block): Promise<Compared | undefined> {
  const { info, text, after } = block;
  const name = fileNameOf(block);
  if (name !== undefined) {
    writeFileSync(join(folder, name), `${settled(text)}\n`);
    return undefined;
  }
  if (info === 'sh' && !text.startsWith('npm ')) {
    const promised = promisedBy(block);
    if (promised !== undefined) {
      return { promised, printed: await outputOf(text) };
    }
    await stay(text);
    return undefined;
  }
  // A second output is that of the terminal that stays.
  return info === 'text' && after?.info === 'text'
    ? { promised: text, printed: (await terminals.at(-1)?.printed) ?? '' }
    : undefined;
}

test(
  'the tutorial works as it is printed',
  async () => {
    const compared: Compared[] = [];
    for (const block of blocks) {
      const one = await follow(block);
      compared.push(...(one === undefined ? [] : [one]));
    }
    expect(compared).toHaveLength(blocks.filter(({ info }) => info === 'text').length);
    expect(compared.map(({ promised, printed }) => against(promised, printed))).toEqual(
      compared.map(({ promised }) => promised),
    );
  },
  TIME_LIMIT_MS,
);
