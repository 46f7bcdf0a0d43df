// Errors of this side, for the user of the program: one line on stderr and an exit status.

/** Exit statuses of the client, not of the command: those of ssh, env(1), timeout(1) and shells. */
export const statuses = {
  /** The connection, the token, an option: the command may not have run. As ssh. */
  shell: 255,
  /** The server does not run this command, or cannot. As env(1). */
  notRun: 126,
  /** There is no such program. As env(1). */
  notFound: 127,
  /** A limit of the server ended the command. As timeout(1). */
  limit: 124,
  /** 128 + the number of a signal, as a shell says it. */
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

/** The user has left. The client waits for nothing more, not even until it has written the output. */
export class Left extends Error {
  override readonly name = 'Left';
  readonly status: number;

  constructor(status: number) {
    super('left');
    this.status = status;
  }
}
