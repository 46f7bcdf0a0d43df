// npm run example -- NAME runs an example; without NAME it lists the examples. On a terminal it starts the
// example's server, and its client for you to type into. Without a terminal (or without server.ts and
// client.ts) it plays the example's scene with real processes and checks the scene's claims. Then the exit
// code is 0 only if all claims held.

import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { paint } from './support/ink.ts';
import { reasonOf, shownLines } from './support/shown.ts';
import { endWithNpm } from './support/end-with-npm.ts';
import { conduct, ignoreCtrlC, startScript } from './support/processes.ts';
import { onStage, Stage } from './support/stage.ts';

interface Scene {
  readonly play: (stage: Stage) => Promise<void>;
}

const WRONG_ARGUMENTS = 2;
/** The exit code of a shell after Ctrl-C. */
const FROM_SIGNAL = 128;

function print(line: string): void {
  console.log(line);
}

function inExamples(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** The names of all folders with a scene. */
function names(): string[] {
  return readdirSync(inExamples('.'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(inExamples(`${entry.name}/scene.ts`)))
    .map(({ name }) => name)
    .sort();
}

async function play(name: string, args: readonly string[]): Promise<void> {
  const path = inExamples(`${name}/scene.ts`);
  // The cast is safe: every scene.ts exports `play` with this type, which scene.ts declares.
  const scene = (await import(pathToFileURL(path).href)) as Scene;
  await onStage(pathToFileURL(path).href, (stage) => scene.play(stage), { args, print });
}

/** Runs the client on this terminal. The lines of the server are printed between those of the client. */
async function playByHand(name: string, args: readonly string[]): Promise<void> {
  const stage = new Stage(inExamples(name), { print });
  try {
    const { port } = await stage.serve();
    const path = inExamples(`${name}/client.ts`);
    const client = startScript(path, ['--port', String(port), ...args], { stdio: 'inherit' });
    ignoreCtrlC(() => client.kill('SIGTERM')); // The client gets Ctrl-C as well, and handles it.
    await once(client, 'exit');
    process.exitCode = client.exitCode ?? FROM_SIGNAL + signalNumber(client.signalCode);
  } finally {
    await stage.end();
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}

function refuse(text: string): void {
  console.error(
    `${text}\nUsage: npm run example -- NAME, where NAME is one of ${names().join(', ')}.`,
  );
  process.exitCode = WRONG_ARGUMENTS;
}

endWithNpm();
const [name, ...args] = process.argv.slice(2);
if (name === undefined) {
  console.log(
    `npm run example -- NAME\n${names()
      .map((one) => `  ${one}`)
      .join('\n')}`,
  );
} else if (!names().includes(name)) {
  refuse(`There is no example "${name}".`);
} else {
  const hasBoth = ['server.ts', 'client.ts'].every((file) =>
    existsSync(inExamples(`${name}/${file}`)),
  );
  await conduct(() => (process.stdin.isTTY && hasBoth ? playByHand : play)(name, args)).catch(
    (error: unknown) => {
      console.log(paint('red', shownLines(reasonOf(error))));
      process.exitCode = 1;
    },
  );
  process.exit(); // A scene that failed may have left a socket open.
}
