// The process of a server. It runs the server that its first argument names, and counts uncaught errors and
// warnings. It answers the commands of its parent: with a measurement, or by closing the server.

import { beginToMeasure, measure } from './measure.ts';
import type { Measurement } from './measure.ts';

export type Command = 'look' | 'collect' | 'close';

export interface Status extends Measurement {
  /** Number of uncaught errors and warnings, and the first few of them. */
  readonly uncaught: number;
  readonly firstUncaught: readonly string[];
  /** Number of connections that ended, by the code of their error. */
  readonly ends: Readonly<Record<string, number>>;
}

/** A message to the parent. */
export type Said =
  { readonly port: number } | { readonly status: Status } | { readonly closed: true };

const SHOWN = 3;

// With source maps, tsx looks up each line of a stack, and an error costs a hundred times as much.
process.setSourceMapsEnabled(false);
beginToMeasure();
let uncaught = 0;
const firstUncaught: string[] = [];
for (const event of ['unhandledRejection', 'uncaughtException', 'warning']) {
  process.on(event, (error: unknown) => {
    uncaught++;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (firstUncaught.length < SHOWN) {
      firstUncaught.push(`${event}: ${text}`);
    }
  });
}

const ends = new Map<string, number>();
const { servers } = await import('./servers.ts');
const name = process.argv[2] ?? '';
const start = Object.entries(servers).find(([key]) => key === name)?.[1];
if (start === undefined) {
  throw new Error(`no server ${name}`);
}
const server = await start((code) => ends.set(code, (ends.get(code) ?? 0) + 1));

function say(said: Said): void {
  if (process.connected) {
    process.send?.(said);
  }
}

let isClosing = false;

async function answer(command: Command): Promise<void> {
  if (command === 'close') {
    isClosing = true;
    await server.close();
    say({ closed: true });
    // From now on nothing should keep this process alive.
    process.disconnect();
    return;
  }
  const measured = await measure(server.connections(), command === 'collect');
  say({ status: { ...measured, uncaught, firstUncaught, ends: Object.fromEntries(ends) } });
}

process.on('message', (command: Command) => void answer(command));
// End if the parent has died.
process.on('disconnect', () => {
  if (!isClosing) {
    process.exit();
  }
});
say({ port: server.port });
