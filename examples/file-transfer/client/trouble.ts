// Turns errors of the client into lines for its user.

import { RemoteError } from '../../../src/entries/peer.ts';
import { complaintOf, stackOf } from '../../support/program.ts';
import { Refusal } from '../both/refusal.ts';

/** An error of one of several files. Its line names the file. */
export class About extends Error {
  override readonly name = 'About';
  readonly subject: string;

  constructor(subject: string, cause: unknown) {
    super(subject, { cause });
    this.subject = subject;
  }
}

export function complaintsOf(error: unknown): string[] {
  if (error instanceof About) {
    return complaintsOf(error.cause).map((line, at) =>
      at > 0 || line.includes(error.subject) ? line : `${error.subject}: ${line}`,
    );
  }
  if (error instanceof AggregateError) {
    return error.errors.flatMap((one: unknown) => complaintsOf(one));
  }
  if (error instanceof Refusal) {
    return [`${error.message} [${error.code}]`];
  }
  // The server has proven who it is, so print its sentence as ours. Talk makes every line safe to print.
  if (error instanceof RemoteError) {
    return [`${error.remoteMessage ?? error.message} [${error.remoteCode}]`];
  }
  // We made this error with a cause, and its message is a sentence for users (whyItBroke).
  if (error instanceof Error && error.name === 'Error' && error.cause !== undefined) {
    return [error.message];
  }
  return [complaintOf(error), ...stackOf(error)];
}
