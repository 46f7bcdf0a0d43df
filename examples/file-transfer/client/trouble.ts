// What goes wrong, in one line for each thing.

import { RemoteError } from '../../../src/entries/peer.ts';
import { complaintOf, stackOf } from '../../support/program.ts';
import { Refusal } from '../both/refusal.ts';

export function complaintsOf(error: unknown): string[] {
  if (error instanceof AggregateError) {
    return error.errors.flatMap((one: unknown) => complaintsOf(one));
  }
  if (error instanceof Refusal) {
    return [`${error.message} [${error.code}]`];
  }
  // The server has proven who it is: its sentence stands for itself. Talk makes every line safe to print.
  if (error instanceof RemoteError) {
    return [`${error.remoteMessage ?? error.message} [${error.remoteCode}]`];
  }
  // An error with a cause has a sentence about it already.
  if (error instanceof Error && error.name === 'Error' && error.cause !== undefined) {
    return [error.message];
  }
  return [complaintOf(error), ...stackOf(error)];
}
