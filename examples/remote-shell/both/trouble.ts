// Errors of the client or server program, for its user: one line on stderr and an exit status.

import { ConnectionError } from '../../../src/entries/main.ts';

/** Exit statuses of the client, not of the command: those of ssh, env(1), timeout(1) and shells. */
export const statuses = {
  /**
   * Something is wrong with the connection, the token or an option. Whether the command ran is open. As ssh.
   */
  shell: 255,
  /** The server does not run this command, or cannot. As env(1). */
  notRun: 126,
  /** There is no such program. As env(1). */
  notFound: 127,
  /** A limit of the server ended the command. As timeout(1). */
  limit: 124,
  /** A signal ended the command: 128 + its number, as in shells. */
  signalled: 128,
} as const;

export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly status: number;

  constructor(message: string, status: number = statuses.shell) {
    super(message);
    this.status = status;
  }
}

/** The connection is lost, and with it every command. */
export class Lost extends Trouble {}

/** The loss of the connection as an error, if `failure` is one. Without a failure the server ended it. */
export function lossOf(failure: unknown): Lost | undefined {
  if (failure === undefined) {
    return new Lost('The server ended the connection.');
  }
  if (!(failure instanceof ConnectionError)) {
    return undefined;
  }
  if (failure.code === 'ERR_PEER_SILENT') {
    return new Lost('The connection to the server was lost: it does not answer any more.');
  }
  if (failure.code === 'ERR_CONNECTION_LOST') {
    const how = LOSSES.get(failure.reason ?? '') ?? failure.reason ?? failure.code;
    return new Lost(`The connection to the server was lost: ${how}.`);
  }
  return undefined;
}

const LOSSES: ReadonlyMap<string, string> = new Map([
  ['end', 'it ended inside a message'],
  ['ECONNRESET', 'it was reset'],
  ['EPIPE', 'it was reset'],
]);

/** The user has left. The client exits at once, even if it has not written all output. */
export class Left extends Error {
  override readonly name = 'Left';
  readonly status: number;

  constructor(status: number) {
    super('left');
    this.status = status;
  }
}
