// Code that the commands which pass connections on share: it checks whether there is a server behind them
// before a client is kept waiting, and sets the exit code where there is none or the port is taken.

import { formatAddress, parseAddress } from '../deliver/address.ts';
import { KernelTables } from '../deliver/kernel-tables.ts';
import { ConnectionError } from '../errors.ts';
import { EXITS } from './exit-codes.ts';
import { printError } from './print.ts';

/** Throws if this machine can tell that no process listens at `--to`. */
export function checkServer(to: string): void {
  const { host, port } = parseAddress('to', to, 1);
  if (!/^(?:127\.|::1$|localhost$)/.test(host)) {
    return;
  }
  const tables = KernelTables.open();
  const listening = tables?.listening(port);
  tables?.close();
  if (listening !== false) {
    return;
  }
  throw new ConnectionError(
    'ERR_CONNECTION_LOST',
    `No process listens on ${formatAddress({ host, port })}`,
    { reason: 'ECONNREFUSED', hint: 'Start the server first.' },
  );
}

/**
 * Does work that needs a server or a free port. If the work rejects with a ConnectionError, prints the error
 * and sets the exit code.
 */
export async function connecting(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ConnectionError)) {
      throw error;
    }
    printError(error);
    process.exitCode = EXITS.inconclusive.code;
  }
}
