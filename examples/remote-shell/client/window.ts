// Joins a command on a remote terminal with the local terminal. It sends each key as it is pressed, also
// Ctrl-C, and the size of the window whenever that changes.

import type { RemoteCommand, ShellClient } from './shell-client.ts';
import { runHere } from './run-here.ts';
import type { Order, WindowSize } from '../both/protocol.ts';

const FALLBACK: WindowSize = { columns: 80, rows: 24 };

export async function hereOnTerminal(
  client: ShellClient,
  order: Omit<Order, 'id'>,
): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const env = { ...order.env, TERM: terminalName() };
  const isRaw = stdin.isTTY;
  if (isRaw) {
    stdin.setRawMode(true);
  }
  try {
    return await runHere(
      client,
      { ...order, env, terminal: windowSize() },
      { stdin, stdout, stderr, signals: process, onStart: followWindow },
    );
  } finally {
    if (isRaw) {
      stdin.setRawMode(false);
    }
  }
}

/** The name of the local terminal, or `xterm` if that might be a path, which a server refuses. */
function terminalName(): string {
  const name = process.env['TERM'] ?? '';
  return /^[\w.+-]+$/.test(name) ? name : 'xterm';
}

function windowSize(): WindowSize {
  const { columns, rows } = process.stdout;
  return columns > 0 && rows > 0 ? { columns, rows } : FALLBACK;
}

function followWindow(command: RemoteCommand): () => void {
  const follow = (): void => command.resize(windowSize());
  process.stdout.on('resize', follow);
  return () => process.stdout.off('resize', follow);
}
