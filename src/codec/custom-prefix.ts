// Calls a custom length field for the encoder: to write the prefix of a frame, and to read the prefix of a
// frame that the caller gave. The field may be code of the caller, so everything that it returns is checked.

import type { UsageError } from '../errors.ts';
import { isBytes, joined } from './bytes.ts';
import { unencodable } from './frame-errors.ts';
import type { FrameLayout } from './frame-layout.ts';
import { readCustom, readsBack } from './length-field.ts';
import type { ReadLength } from './length-field.ts';
import { MalformedLength } from './malformed.ts';

/** Reads the prefix of a frame that the caller gave. Returns `undefined` when the prefix is not whole. */
export function givenCustom(
  { prefix: { custom } }: FrameLayout,
  bytes: Uint8Array,
  at: number,
): ReadLength | undefined {
  try {
    return custom === undefined ? undefined : readCustom(custom, bytes, at);
  } catch (cause) {
    throw unencodable('The length field refused the prefix of the frame.', { cause });
  }
}

interface CustomParts {
  readonly declared: number;
  /** The bytes of `before`, with zeros for checksums. */
  readonly head: Uint8Array;
  readonly flags: number | undefined;
}

/** Lets a custom field write the prefix and read it back, so that no length is sent that would be misread. */
export function customPrefix(
  layout: FrameLayout,
  { declared, head, flags }: CustomParts,
): Uint8Array {
  const { custom, name, maxWidth, width } = layout.prefix;
  let prefix: unknown;
  try {
    prefix = custom?.write(declared, head, flags);
  } catch (cause) {
    // The message of an error of this package says what is wrong and quotes no byte, so the new message may
    // quote it.
    const ours = cause instanceof MalformedLength ? cause : undefined;
    const reason = ours === undefined ? '' : `: ${ours.message}`;
    throw unencodable(`The ${name} length field cannot write ${declared}${reason}.`, {
      length: declared,
      cause,
      hint: ours?.hint,
    });
  }
  const least = width > 0 ? width : 1;
  if (!isBytes(prefix) || prefix.length < least || prefix.length > maxWidth) {
    const facts = `The ${name} length field wrote no prefix of ${least} to ${maxWidth} bytes for ${declared}.`;
    throw unencodable(facts, { length: declared, limit: maxWidth });
  }
  const place = { at: head.length, length: declared, flags };
  const frame = head.length === 0 ? prefix : joined([head, prefix]);
  if (custom === undefined || readsBack(custom, frame, place)) {
    return prefix;
  }
  throw misread(layout, declared);
}

/** Makes the error for a field whose `read` does not read what its `write` wrote. */
export function misread({ prefix: { name } }: FrameLayout, declared: number): UsageError {
  return unencodable(`The ${name} length field does not read the ${declared} that it wrote.`, {
    length: declared,
    hint: 'prefix.read and prefix.write must agree, also on how `before` affects the length.',
  });
}
