// The policy: which commands the server runs, in which folder and environment, and with which limits.

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { AllowList } from './allow-list.ts';
import type { Launch } from './program.ts';
import { commandEnvironment, refusedVariables } from './environment.ts';
import type { EnvironmentOptions } from './environment.ts';
import { refuse } from '../both/protocol.ts';
import type { FolderQuestion, Order } from '../both/protocol.ts';

const SHELL = '/bin/sh';

export interface Policy extends EnvironmentOptions {
  /** Whether the server takes `exec --shell` and gives it to /bin/sh. */
  readonly allowShell: boolean;
  /** The commands that may run, all in `cwd`. Default: any command. */
  readonly allowList?: AllowList | undefined;
  /** Folder of commands for which the client names no folder. Default: the home folder. */
  readonly cwd: string;
  /** Time in ms that a command may run; 0 means no limit. Default one hour. */
  readonly timeLimit: number;
  /** Maximum number of bytes that a command may write; 0 means no limit. Default 16 GiB. */
  readonly outputLimit: number;
  /** Maximum number of commands at once on one connection. Default 16. */
  readonly maxCommands: number;
}

const HOUR_MS = 3_600_000;
const GIBIBYTE = 1024 ** 3;

export const defaultPolicy: Policy = {
  allowShell: false,
  cwd: homedir(),
  timeLimit: HOUR_MS,
  outputLimit: 16 * GIBIBYTE,
  maxCommands: 16,
};

/** The program to start for an order. Throws RemoteError E_FORBIDDEN for a command that may not run. */
export function toLaunch(order: Order, policy: Policy, own: NodeJS.ProcessEnv): Launch {
  const argv = order.shell === true ? [SHELL, '-c', ...order.argv] : order.argv;
  if (order.shell === true && !policy.allowShell) {
    throw refuse('E_FORBIDDEN', 'This server was started without --allow-shell.');
  }
  if (policy.allowList !== undefined && !policy.allowList(argv)) {
    throw refuse(
      'E_FORBIDDEN',
      `${argv[0]}: the allow-list of this server does not allow this command.`,
    );
  }
  if (order.cwd !== undefined) {
    checkChoice(policy);
  }
  const [refused] = refusedVariables(order.env ?? {}, policy);
  if (refused !== undefined) {
    // Refuse the command, because without the variable it would do something else.
    throw refuse(
      'E_FORBIDDEN',
      `Clients of this server may not set ${refused}, or not to this value (see serve --accept-env).`,
    );
  }
  return {
    argv,
    cwd: resolve(policy.cwd, order.cwd ?? '.'),
    env: commandEnvironment(own, order.env ?? {}, policy),
  };
}

/** The whole path of a folder that a client asks for. `~` is the folder of the policy. */
export function toFolder({ path, from }: FolderQuestion, policy: Policy): string {
  checkChoice(policy);
  if (path === '~' || path.startsWith('~/')) {
    return resolve(policy.cwd, `.${path.slice(1)}`);
  }
  return resolve(policy.cwd, from ?? '.', path);
}

/** Refuses a folder that the client chose, if there is an allow-list: `make build` depends on the folder. */
function checkChoice({ allowList }: Policy): void {
  if (allowList !== undefined) {
    throw refuse(
      'E_FORBIDDEN',
      'This server has an allow-list, so a client may not choose the folder.',
    );
  }
}
