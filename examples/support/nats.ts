// A NATS server for scenes and tests, which ends with them. The server is a program of its own, so it may not be
// installed.

import { execFileSync } from 'node:child_process';
import type { Stage, StartedProgram } from './stage.ts';

const NATS = 'nats-server';

/** Whether there is a nats-server here. */
export const hasNats: boolean = ((): boolean => {
  try {
    execFileSync(NATS, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** The end of a test title that says why its tests skip. */
export const natsNote: string = hasNats
  ? ''
  : ' (skipped: there is no nats-server here; it is a Debian package)';

export interface StartedNats {
  readonly nats: StartedProgram;
  readonly url: string;
  readonly port: number;
}

export interface NatsOptions {
  /** Port to listen on. Default: a free one. */
  readonly port?: number;
  /** Folder in which the server stores streams. Default: the server has no streams. */
  readonly store?: string;
}

/** Starts a server, and resolves when clients can connect. */
export async function startNats(
  stage: Stage,
  { port = -1, store }: NatsOptions = {},
): Promise<StartedNats> {
  const streams = store === undefined ? [] : ['--jetstream', '--store_dir', store];
  const args = ['--addr', '127.0.0.1', '--port', port, ...streams];
  const nats = stage.command(NATS, args, { name: 'nats', quiet: true });
  const [, chosen] = await nats.line(/client connections on \S*:(\d+)/, { from: 'stderr' });
  await nats.line('Server is ready', { from: 'stderr' });
  return { nats, url: `nats://127.0.0.1:${chosen}`, port: Number(chosen) };
}
