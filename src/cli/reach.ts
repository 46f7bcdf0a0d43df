// Finds out where the program under test is: turns words of the command line into options of the library.

import { refuse } from '../options.ts';
import type { TlsReach, WhereOptions } from '../prove/server/where.ts';
import { readBytes } from './inputs.ts';
import type { ProveFlags } from './prove-options.ts';
import type { Given } from './replay-command.ts';

/** The first word, in place of an address, that says that the program is a client. */
const CLIENT = 'client';

/**
 * Returns the options that say where the program is. Reads the files of TLS. Throws UsageError ERR_OPTION.
 */
export function reachOf(flags: Given): WhereOptions {
  const { target, to, stdio } = flags;
  if (target === CLIENT) {
    return clientOf(flags);
  }
  if (target !== undefined && to !== undefined && to !== target) {
    refuse('The target is given twice.', 'Leave out --to.');
  }
  const address = to ?? target;
  if (address === undefined && stdio === undefined) {
    refuse('The target is missing.', 'Say unstick prove HOST:PORT, unix:PATH, or --stdio COMMAND.');
  }
  return { to: address, stdio, tls: tlsOf(flags) };
}

function clientOf({ to, stdio, spawn }: ProveFlags): WhereOptions {
  if (to !== undefined || stdio !== undefined) {
    refuse('A client has no address.', 'It connects to the prover: leave out --to and --stdio.');
  }
  return spawn === undefined
    ? refuse('--spawn is missing.', 'Say how the client is started, with {port} for the port.')
    : { client: spawn };
}

/** Returns the options of TLS, or `undefined` if no flag of TLS is given. */
function tlsOf({
  tls,
  tlsCa,
  tlsCert,
  tlsKey,
  tlsName,
  insecure,
}: ProveFlags): TlsReach | undefined {
  const files = { ca: tlsCa, cert: tlsCert, key: tlsKey };
  const given = Object.entries(files).flatMap(([name, file]) =>
    file === undefined ? [] : [[name, readBytes(file)] as const],
  );
  const reach: TlsReach = {
    ...Object.fromEntries(given),
    ...(tlsName === undefined ? {} : { servername: tlsName }),
    ...(insecure === undefined ? {} : { insecure }),
  };
  return tls === true || Object.keys(reach).length > 0 ? reach : undefined;
}
