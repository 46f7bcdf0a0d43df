// Decides whether an error that a function of the caller threw is a refusal or a bug. Decoders call such
// functions: `LengthField.read`, `next`, `parse`, `headerLength` and `payloadLength` of a header,
// `parseHeader`, and `isMore`, `fits` and `pass` of fragments.
//
// Such a function throws to refuse bytes of the remote, and it throws when it has a bug. A refusal is the
// fault of the remote (ProtocolError), a bug is the fault of the caller (UsageError). A server that confuses
// the two blames every client for its own mistake. So:
// - If a function throws TypeError or ReferenceError, or reads behind the end of a Buffer or DataView, that
//   is a bug. To refuse bytes, a function throws an Error of any other name: Error, RangeError, SyntaxError
//   of JSON.parse, the errors of schema libraries.
// - A UsageError of this package passes through unchanged, such as ERR_DECODER_BUSY of a function that uses
//   the decoder which is calling it.
// - Every other error is a refusal. It may quote the bytes, so it becomes the `cause`, and the message of the
//   new error does not quote it. A bug fails the decoder, and so does a refusal: every further `take` throws
//   the same error. There is one exception: with `resync` the bytes that a length field refuses are noise.

import { UsageError } from '../errors.ts';

const BUGS: readonly unknown[] = ['TypeError', 'ReferenceError'];
/** Error codes of Node's Buffer, and error messages that engines have for a DataView. */
const OUT_OF_BOUNDS: readonly unknown[] = [
  'ERR_OUT_OF_RANGE',
  'ERR_BUFFER_OUT_OF_BOUNDS',
  'Offset is outside the bounds of the DataView',
  'Out of bounds access',
  'out of bounds access',
];

const HINT =
  'See the cause. To refuse bytes of the remote, throw an Error that is no TypeError or ReferenceError.';

/** Returns the error to throw if `thrown` shows a bug of the callback, or `undefined` if it is a refusal. */
export function bugOf(name: string, thrown: unknown): UsageError | undefined {
  if (thrown instanceof UsageError) {
    return thrown;
  }
  if (!isBug(thrown)) {
    return undefined;
  }
  return brokenCallback(`${name} threw an error that is a bug, not a refusal.`, thrown, HINT);
}

/** Makes the error for a callback that broke its contract. */
export function brokenCallback(facts: string, cause?: unknown, hint?: string): UsageError {
  return new UsageError('ERR_OPTION', facts, { cause, hint });
}

function isBug(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) {
    return false;
  }
  if ('name' in thrown && BUGS.includes(thrown.name)) {
    return true;
  }
  const said = [Reflect.get(thrown, 'code'), Reflect.get(thrown, 'message')];
  return said.some((word: unknown) => OUT_OF_BOUNDS.includes(word));
}
