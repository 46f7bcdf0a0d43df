// The commands that the server runs, and their limits, each with a default.

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
  /** Folder of commands that name none. */
  readonly cwd: string;
  /** Time in ms that a command may run; 0 means no limit. */
  readonly timeLimit: number;
  /** Maximum number of bytes that a command may write; 0 means no limit. */
  readonly outputLimit: number;
  /** Maximum number of commands at once on one connection. */
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
    throw refuse('E_FORBIDDEN', `${argv[0]}: not on the allow-list of this server`);
  }
  if (order.cwd !== undefined) {
    checkChoice(policy);
  }
  const [refused] = refusedVariables(order.env ?? {}, policy);
  if (refused !== undefined) {
    // A command that runs without it does something else.
    throw refuse(
      'E_FORBIDDEN',
      `${refused}: this server does not let clients set it, or not to this value (serve --accept-env)`,
    );
  }
  return {
    argv,
    cwd: resolve(policy.cwd, order.cwd ?? '.'),
    env: commandEnvironment(own, order.env ?? {}, policy),
  };
}

/** The whole path of a folder that a client asks for. `~` is the folder of commands that name none. */
export function toFolder({ path, from }: FolderQuestion, policy: Policy): string {
  checkChoice(policy);
  if (path === '~' || path.startsWith('~/')) {
    return resolve(policy.cwd, `.${path.slice(1)}`);
  }
  return resolve(policy.cwd, from ?? '.', path);
}

/** With an allow-list a client may not choose the folder: `make build` is another command in another one. */
function checkChoice({ allowList }: Policy): void {
  if (allowList !== undefined) {
    throw refuse(
      'E_FORBIDDEN',
      'This server has an allow-list, so a client may not choose the folder.',
    );
  }
}
