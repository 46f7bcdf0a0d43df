// What decoders and encoders have to say, in words. Where the remote's bytes are at fault, each function
// takes the place and the numbers.

import { ProtocolError, UsageError } from '../errors.ts';
import type { ErrorInit, StreamPlace } from '../errors.ts';
import { diagnose, diagnoseByteOrder, recognise } from './diagnose.ts';
import type { FrameLayout, Section } from './frame-layout.ts';
import { hintOf } from './malformed.ts';
import { isLittleEndian } from './length-field.ts';

/** The input ended inside a frame; `missing` is how many bytes it lacks, where that is known. */
export function truncated(
  place: StreamPlace,
  received: number,
  missing: number | undefined,
): ProtocolError {
  const where =
    missing === undefined ? 'in the head of a frame' : `${missing} bytes before the end of a frame`;
  const facts = `The input ended ${where}, after ${received} of its bytes`;
  return new ProtocolError('ERR_FRAME_TRUNCATED', facts, {
    ...place,
    received,
    ...(missing === undefined ? {} : { length: received + missing }),
    hint: 'The remote stopped in the middle of a message; what came before it is complete.',
  });
}

export function wrongMagic(place: StreamPlace, section: Section, bytes: Uint8Array): ProtocolError {
  const facts = `The ${bytes.length} bytes '${section.name}' are not the expected ones`;
  return new ProtocolError('ERR_FRAME_MAGIC', facts, {
    ...place,
    length: bytes.length,
    reason: section.name,
    hint:
      (section.name === 'before' ? diagnose(bytes) : undefined) ??
      (section.name === 'trailer'
        ? 'The length in front of it is wrong, or it counts other parts than these options say.'
        : 'Another protocol or version, or the length of the frame before was wrong.'),
  });
}

/** `bytes` is the prefix as far as it was read. */
export function endlessPrefix(
  place: StreamPlace,
  head: { layout: FrameLayout; prefix: Uint8Array },
): ProtocolError {
  const { length } = head.prefix;
  return new ProtocolError(
    'ERR_PREFIX_MALFORMED',
    `The length prefix does not end within ${length} bytes`,
    {
      ...place,
      limit: length,
      hint: prefixHint(head.layout, head.prefix) ?? LOST_HINT,
    },
  );
}

export function overlongPrefix(place: StreamPlace, width: number, limit: number): ProtocolError {
  const facts = `The length prefix takes ${width} bytes, and no acceptable length needs more than ${limit}`;
  return new ProtocolError('ERR_PREFIX_MALFORMED', facts, {
    ...place,
    length: width,
    limit,
    hint: 'The remote writes over-long varints, or these bytes are no length.',
  });
}

export function refusedPrefix(
  place: StreamPlace,
  cause: unknown,
  head: { layout: FrameLayout; prefix: Uint8Array },
): ProtocolError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ProtocolError(
    'ERR_PREFIX_MALFORMED',
    `The length field refused its bytes: ${reason}`,
    {
      ...place,
      cause,
      hint: prefixHint(head.layout, head.prefix) ?? hintOf(cause),
    },
  );
}

const LIMIT_HINT = 'Where that is right, raise the limit on both sides.';

const LOST_HINT =
  'These bytes are no length: another protocol, or the length of the frame before was wrong.';

/** `declared` is not a length at all, or is less than what it has to count. */
export function invalidLength(
  place: StreamPlace,
  declared: number,
  head: { layout: FrameLayout; prefix: Uint8Array },
): ProtocolError {
  const { counted } = head.layout;
  const isNumber = Number.isSafeInteger(declared) && declared >= 0;
  const facts = isNumber
    ? `Frame length ${declared} is below the ${counted} bytes that it has to count`
    : `Frame length ${declared} is not a whole number from 0 to 2^53-1`;
  return new ProtocolError('ERR_FRAME_LENGTH_INVALID', facts, {
    ...place,
    length: declared,
    ...(isNumber ? { limit: counted } : {}),
    hint: prefixHint(head.layout, head.prefix) ?? LOST_HINT,
  });
}

export function tooLarge(
  place: StreamPlace,
  length: number,
  head: { layout: FrameLayout; prefix: Uint8Array },
): ProtocolError {
  const { maxPayloadLength: limit } = head.layout;
  return new ProtocolError(
    'ERR_FRAME_TOO_LARGE',
    `Frame length ${length} exceeds maxPayloadLength ${limit}`,
    {
      ...place,
      length,
      limit,
      hint: prefixHint(head.layout, head.prefix) ?? LIMIT_HINT,
    },
  );
}

export function wrongChecksum(place: StreamPlace, length: number): ProtocolError {
  const facts = `The checksum of a frame of ${length} bytes does not match`;
  return new ProtocolError('ERR_FRAME_CHECKSUM', facts, { ...place, length });
}

function prefixHint(layout: FrameLayout, prefix: Uint8Array): string | undefined {
  const { prefix: format, counted, maxPayloadLength } = layout;
  // A field of the caller's may well be text.
  const hint = format.custom === undefined ? diagnose(prefix) : recognise(prefix);
  if (hint !== undefined || format.kind === 0) return hint;
  const acceptable = { from: counted, to: counted + maxPayloadLength };
  return diagnoseByteOrder(prefix, isLittleEndian(format.kind) ? 'le' : 'be', acceptable);
}

/** For whoever encodes what this format cannot hold. */
export function unencodable(facts: string, init?: ErrorInit): UsageError {
  return new UsageError('ERR_FRAME_UNENCODABLE', facts, init);
}

/** The type of a value in a word. */
export function nameOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/** For whoever pushes something else than bytes. */
export function notBytes(chunk: unknown): UsageError {
  return new UsageError('ERR_OPTION', `A chunk must be a Uint8Array, not ${nameOf(chunk)}.`, {
    hint: 'A socket gives strings after setEncoding(); leave that out.',
  });
}

export function afterEnd(): UsageError {
  return new UsageError('ERR_DECODER_ENDED', 'Bytes were pushed into a decoder after its end.', {
    hint: 'Make a fresh one with codec.decoder().',
  });
}

/** For whoever calls the decoder from inside a scan visitor or onSkip. */
export function busy(): UsageError {
  return new UsageError(
    'ERR_DECODER_BUSY',
    'The decoder was used inside its own visitor or onSkip.',
    {
      hint: 'Keep what you need and use it after the call has returned.',
    },
  );
}
