// Makes the errors of decoders and encoders, with their messages. An error about bytes of the remote gives
// the place in the stream, and the lengths and limits that were compared.

import { ProtocolError, UsageError } from '../errors.ts';
import type { ErrorInit, StreamPlace } from '../errors.ts';
import { shown } from '../options.ts';
import { diagnose, diagnoseByteOrder, recognise, recogniseBeginning } from './diagnose.ts';
import type { FrameLayout } from './frame-layout.ts';
import { MalformedLength } from './malformed.ts';
import { isLittleEndian } from './numbers.ts';
import type { Section } from './sections.ts';
import { quantity } from '../text.ts';

/** The prefix that an error is about. `prefix` holds those of its bytes that the decoder has judged. */
interface Head {
  readonly layout: FrameLayout;
  readonly prefix: Uint8Array;
}

/**
 * Makes the error for an input that ended inside a frame. `missing` is the number of bytes that the frame
 * lacks, if that number is known.
 */
export function truncated(
  place: StreamPlace,
  received: number,
  missing: number | undefined,
): ProtocolError {
  const where = missing === undefined ? 'in the head of a frame' : 'inside a frame';
  const all = missing === undefined ? 'its' : `its ${received + missing}`;
  const facts = `The input ended ${where}, after ${received} of ${all} bytes`;
  return new ProtocolError('ERR_FRAME_TRUNCATED', facts, {
    ...place,
    received,
    ...(missing === undefined ? {} : { length: received + missing }),
    hint: 'The remote stopped in the middle of a message. All messages before it are complete.',
  });
}

/**
 * Makes the error for wrong fixed bytes of `section`. `seen` is the section up to its first wrong byte,
 * because the error must not depend on bytes that came later.
 */
export function wrongMagic(place: StreamPlace, section: Section, seen: Uint8Array): ProtocolError {
  const { name, length } = section;
  const facts = `The fixed bytes of '${name}' are not the expected ones`;
  const known = name === 'before' ? recogniseBeginning(seen) : undefined;
  const hint = known ?? (name === 'trailer' ? TRAILER_HINT : (suspect(place) ?? OTHER_HINT));
  return new ProtocolError('ERR_FRAME_MAGIC', facts, { ...place, length, reason: name, hint });
}

const TRAILER_HINT =
  'The length of this frame is wrong, or the length counts other parts than these options say.';
const OTHER_HINT = 'The remote may speak another protocol, or another version of this one.';

/**
 * Returns a hint that blames the length of the previous frame: a decoder notices a wrong length one frame
 * late.
 */
function suspect({ frameIndex }: StreamPlace): string | undefined {
  if (frameIndex === 0) {
    return undefined;
  }
  const before = `The length of frame ${frameIndex - 1} may be wrong`;
  return `${before}: a wrong length shows one frame late. A length counts bytes, not characters.`;
}

function lostHint(place: StreamPlace): string {
  return (
    suspect(place) ??
    'These bytes may be no length: the remote speaks another protocol, or has other options.'
  );
}

export function endlessPrefix(place: StreamPlace, head: Head): ProtocolError {
  const { length: limit } = head.prefix;
  const facts = `The length prefix does not end within ${quantity(limit, 'byte')}`;
  const hint = prefixHint(place, head) ?? lostHint(place);
  return new ProtocolError('ERR_PREFIX_MALFORMED', facts, { ...place, limit, hint });
}

/**
 * Makes the error for an over-long prefix. `width` is the number of bytes that the prefix takes, and `limit`
 * is the number of bytes that are enough.
 */
export function overlongPrefix(
  place: StreamPlace,
  { width, limit, minimal }: { width: number; limit: number; minimal: boolean },
): ProtocolError {
  const enough = minimal
    ? `this length needs only ${limit} in this format`
    : `no acceptable length needs more than ${limit}`;
  const facts = `The length prefix takes ${quantity(width, 'byte')}, but ${enough}`;
  return new ProtocolError('ERR_PREFIX_MALFORMED', facts, {
    ...place,
    length: width,
    limit,
    hint: 'The remote writes over-long varints, or these bytes are no length.',
  });
}

/**
 * Makes the error for a length field that refused its bytes. The message quotes the reason only if the field
 * is one of this package. An error that a field of the caller threw becomes the cause and is not quoted.
 */
export function refusedPrefix(place: StreamPlace, cause: unknown, head: Head): ProtocolError {
  const ours = cause instanceof MalformedLength ? cause : undefined;
  const reason = ours === undefined ? '.' : `: ${ours.message}`;
  const facts = `The length field refused its bytes${reason}`.replace(/\.$/, '');
  const isFirst = place.frameIndex === 0;
  const own = isFirst ? ours?.hint : (ours?.laterHint ?? suspect(place));
  // One byte may fit another protocol by chance, so the hint then also says what the field expects.
  const guess = isFirst ? recogniseBeginning(head.prefix) : undefined;
  const hint = recognise(head.prefix) ?? [own, guess].filter(isSaid).join(' ');
  return new ProtocolError('ERR_PREFIX_MALFORMED', facts, { ...place, cause, hint });
}

/**
 * Makes the error for a frame that a function of the caller refused by throwing. The thrown error becomes the
 * cause, and is not quoted.
 */
export function refusedFrame(place: StreamPlace, cause: unknown): ProtocolError {
  const facts = 'The codec refused the bytes of a frame';
  return new ProtocolError('ERR_FRAME_MALFORMED', facts, { ...place, cause, hint: suspect(place) });
}

/** Makes the error for a frame of which `next` of defineCodec() found no end within the limit. */
export function endlessFrame(place: StreamPlace, limit: number): ProtocolError {
  const facts = `A frame does not end within maxLength ${limit}`;
  const hint = 'If such a frame is right, raise the limit on both sides.';
  return new ProtocolError('ERR_FRAME_TOO_LARGE', facts, {
    ...place,
    length: limit + 1,
    limit,
    hint,
  });
}

/**
 * Makes the error for a prefix in which a flag is set, where values are payloads alone and the flag would be
 * lost.
 */
export function refusedFlags(place: StreamPlace, head: Head): ProtocolError {
  const facts = 'The length prefix has a flag set, but values are payloads, which have no flags';
  const own =
    "To get the flags, set deliver: 'parts'. To drop them, set flags: 'ignore' in the prefix.";
  const hint = recognise(head.prefix) ?? [own, suspect(place)].filter(isSaid).join(' ');
  return new ProtocolError('ERR_PREFIX_MALFORMED', facts, { ...place, hint });
}

function isSaid(hint: string | undefined): hint is string {
  return hint !== undefined;
}

const LIMIT_HINT = 'If that length is right, raise the limit on both sides.';

/**
 * Makes the error for a number `declared` that is not a length, or that is less than the bytes that it must
 * count.
 */
export function invalidLength(place: StreamPlace, declared: number, head: Head): ProtocolError {
  const { counted } = head.layout;
  const isNumber = Number.isSafeInteger(declared) && declared >= 0;
  const facts = isNumber
    ? `Frame length ${declared} is below the ${quantity(counted, 'byte')} that it must count`
    : `Frame length ${declared} is not a whole number from 0 to 2^53-1`;
  return new ProtocolError('ERR_FRAME_LENGTH_INVALID', facts, {
    ...place,
    length: declared,
    ...(isNumber ? { limit: counted } : {}),
    hint: prefixHint(place, head) ?? lostHint(place),
  });
}

export function tooLarge(place: StreamPlace, length: number, head: Head): ProtocolError {
  const { maxPayloadLength: limit } = head.layout;
  const facts = `Frame length ${length} exceeds maxPayloadLength ${limit}`;
  const known = prefixHint(place, head);
  const hint = known ?? [LIMIT_HINT, suspect(place)].filter(isSaid).join(' ');
  return new ProtocolError('ERR_FRAME_TOO_LARGE', facts, { ...place, length, limit, hint });
}

/** The hint for a wrong checksum. */
export const CHECKSUM_HINT =
  'Either the frame was damaged, or the remote uses another algorithm, range or byte order.';

export function wrongChecksum(place: StreamPlace, length: number): ProtocolError {
  const facts = `The checksum of a frame of ${length} bytes does not match`;
  return new ProtocolError('ERR_FRAME_CHECKSUM', facts, { ...place, length, hint: CHECKSUM_HINT });
}

/**
 * Makes the error for a wrong checksum of a head. The length in that head may be wrong, so the end of the
 * frame is not known.
 */
export function wrongHeadChecksum(place: StreamPlace, length: number): ProtocolError {
  const facts = `The checksum of a head of ${length} bytes does not match`;
  const hint = 'The length in this head may be wrong, so the frame cannot be skipped.';
  return new ProtocolError('ERR_FRAME_CHECKSUM', facts, { ...place, length, hint });
}

/** Returns a hint if the prefix looks like another protocol, text, or a length in the other byte order. */
function prefixHint(place: StreamPlace, { layout, prefix }: Head): string | undefined {
  const { prefix: format, counted, maxPayloadLength } = layout;
  // A custom field may itself be text. Behind the first frame, text is probably a payload. So guess text in
  // neither case.
  const isFirst = place.frameIndex === 0 && format.custom === undefined;
  const hint = isFirst ? diagnose(prefix) : recognise(prefix);
  if (hint !== undefined || format.code === 0) {
    return hint;
  }
  const acceptable = { from: Math.max(0, counted), to: counted + maxPayloadLength };
  return diagnoseByteOrder(prefix, isLittleEndian(format.code) ? 'le' : 'be', acceptable);
}

/** Makes the error for a value that this format cannot hold. */
export function unencodable(facts: string, init?: ErrorInit): UsageError {
  return new UsageError('ERR_FRAME_UNENCODABLE', facts, init);
}

/** Describes a value for a refusal. A string may be a payload, so it is not quoted. */
export function kindOf(value: unknown): string {
  return typeof value === 'string' ? 'a string' : shown(value);
}

/** Makes the error for a pushed value that is not bytes. */
export function notBytes(chunk: unknown): UsageError {
  return new UsageError('ERR_OPTION', `A chunk must be a Uint8Array, not ${kindOf(chunk)}.`, {
    hint: 'After setEncoding() a socket gives strings, so leave that call out.',
  });
}

export function afterEnd(): UsageError {
  return new UsageError('ERR_DECODER_ENDED', 'Bytes were pushed into a decoder after its end.', {
    hint: 'Make a new decoder with codec.decoder().',
  });
}

/** Makes the error for a decoder that was used inside a function which the decoder is calling. */
export function busy(): UsageError {
  return new UsageError(
    'ERR_DECODER_BUSY',
    'The decoder was used inside a function that it was calling, such as onSkip or a checksum.',
    { hint: 'Use the decoder after that function has returned.' },
  );
}

/** Makes the error for a request for the unread bytes while the rest of a skipped frame is still to come. */
export function skipUnfinished(): UsageError {
  return new UsageError(
    'ERR_SKIP_UNFINISHED',
    'The next bytes belong to a frame that is being skipped, so they cannot be handed on.',
    { hint: 'Read on to the next frame, and then ask again.' },
  );
}

/** Makes the error for a request for the unread bytes after fragments of an unfinished message were taken. */
export function seriesUnfinished(): UsageError {
  return new UsageError(
    'ERR_SKIP_UNFINISHED',
    'Fragments of an unfinished message were taken already, so its bytes cannot be handed on.',
    { hint: 'Read on to the end of the message, and then ask again.' },
  );
}

/**
 * Makes the error for a chunk whose owner transferred or shrank its memory before the decoder had read it.
 */
export function chunkDetached(): UsageError {
  return new UsageError(
    'ERR_CHUNK_DETACHED',
    'The memory of a chunk was transferred or shrunk before its values were taken.',
    { hint: 'Take its values first, or push a copy.' },
  );
}
