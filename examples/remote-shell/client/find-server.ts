// Finds the address of the server and the token, and connects. Both are in the options, in the environment
// (the token), or in the state file that a server of the same user on this machine has written.

import { readFileSync } from 'node:fs';
import { isUnstickError } from '../../../src/entries/main.ts';
import { connectShell } from './shell-client.ts';
import type { ShellClient } from './shell-client.ts';
import { readState, stateFolder } from '../both/state-file.ts';
import { givenToken, TOKEN_VARIABLE } from '../both/token.ts';
import { reasonOf } from '../../support/shown.ts';
import { Trouble } from '../both/trouble.ts';

export interface WhereOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly tokenFile?: string | undefined;
  readonly tlsCa?: string | undefined;
}

const TLS_HINT = ' Does the server need --tls-ca?';

/** Connects to the server that the options name. Throws a Trouble that tells the user what to do. */
export async function findServer(options: WhereOptions): Promise<ShellClient> {
  const given = givenToken(options.tokenFile);
  // With a port and a token given, the state file and its folder are not needed.
  const isTold = options.port !== undefined && given !== undefined;
  const state = isTold ? undefined : readState(stateFolder());
  const port = options.port ?? state?.port;
  const host =
    options.host ?? (options.port === undefined ? state?.host : undefined) ?? '127.0.0.1';
  if (port === undefined) {
    throw new Trouble('No server was found. Start one with `serve`, or give --host and --port.');
  }
  const token = given ?? state?.token;
  if (token === undefined) {
    throw new Trouble(`There is no token. Give it with --token-file or in ${TOKEN_VARIABLE}.`);
  }
  if (options.tlsCa === undefined && state?.tls === true && options.port === undefined) {
    throw new Trouble('The server speaks TLS. Name the certificate to trust with --tls-ca.');
  }
  try {
    const ca = options.tlsCa === undefined ? undefined : readFileSync(options.tlsCa);
    return await connectShell({ host, port, token, ca });
  } catch (error) {
    if (error instanceof Trouble) {
      throw error;
    }
    const hint = options.tlsCa === undefined && wasReset(error) ? TLS_HINT : '';
    throw new Trouble(`Cannot connect to ${host}:${port}: ${reasonOf(error)}${hint}`);
  }
}

/** Whether the connection was reset. A server with TLS does that to a client that does not speak TLS. */
function wasReset(error: unknown): boolean {
  return isUnstickError(error) && error.code === 'ERR_CONNECT' && error.reason === 'ECONNRESET';
}
