// What a function of the caller throws while a decoder calls it: `LengthField.read`, `parse` and
// `payloadLength` of a header, `parseHeader`, `checksum.compute`.
//
// Such a function refuses bytes of the remote by throwing, and a bug in it throws as well. The two must
// not be mixed up: a refusal is the remote's fault (ProtocolError), a bug is ours (UsageError), and a
// server that takes one for the other blames every client for its own mistake. So:
// - An engine throws TypeError and ReferenceError by itself, and so it does for a read behind the end
//   of a Buffer or DataView. These are bugs. A check that wants to refuse throws an Error of any other
//   name: Error, RangeError, SyntaxError of JSON.parse, the errors of schema libraries.
// - A UsageError of this package passes through unchanged, such as ERR_DECODER_BUSY of a function that
//   uses the decoder which is calling it.
// - Everything else is a refusal. It becomes the `cause`, and is not quoted: it may hold the bytes.
// Either way the decoder has failed and says the same for ever.

import { UsageError } from '../errors.ts';

const BUGS: readonly unknown[] = ['TypeError', 'ReferenceError'];
/** Codes of Node's Buffer, and what engines say of a DataView. */
const OUT_OF_BOUNDS: readonly unknown[] = [
  'ERR_OUT_OF_RANGE',
  'ERR_BUFFER_OUT_OF_BOUNDS',
  'Offset is outside the bounds of the DataView',
  'Out of bounds access',
  'out of bounds access',
];

const HINT =
  'The cause has it. To refuse bytes of the remote, throw an Error that is no TypeError.';

/** What a callback threw, where that is a bug; undefined where it refuses the bytes. */
export function bugOf(name: string, thrown: unknown): UsageError | undefined {
  if (thrown instanceof UsageError) {
    return thrown;
  }
  if (!isBug(thrown)) {
    return undefined;
  }
  return brokenCallback(`${name} threw an error that is no refusal.`, thrown, HINT);
}

/** For a function of the caller that broke its word. */
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
