// What goes wrong, in one line for each thing.

import { complaintOf, stackOf } from '../../support/program.ts';
import { Refusal, systemCode } from '../both/refusal.ts';

export function complaintsOf(error: unknown): string[] {
  if (error instanceof AggregateError) {
    return error.errors.flatMap((one: unknown) => complaintsOf(one));
  }
  if (error instanceof Refusal) return [`${error.message} [${error.code}]`];
  if (systemCode(error) === 'ERR_REMOTE' && error instanceof Error && 'remoteCode' in error) {
    return [`${error.message} [${String(error.remoteCode)}]`];
  }
  // One with a cause is a sentence of ours about it.
  if (error instanceof Error && error.name === 'Error' && error.cause !== undefined) {
    return [error.message];
  }
  return [complaintOf(error), ...stackOf(error)];
}
