// The encoder of lengthPrefixed(): it turns a value into the bytes of one frame. All checks come first,
// so a refused value has written nothing. A large payload is passed by reference, so head, payload and
// trailer are separate pieces. A small one is copied, so the frame is one piece.

import { areSame, isBytes, isGone, NO_BYTES } from './bytes.ts';
import { checksumOf } from './checksum.ts';
import type { FrameParts } from './frame-parts.ts';
import { kindOf, unencodable } from './frame-errors.ts';
import type { FrameLayout, Section } from './frame-layout.ts';
import { areFlags, join, readCustom, readsBack } from './length-field.ts';
import type { ReadLength } from './length-field.ts';
import { MalformedLength } from './malformed.ts';
import { isOverlong, readVarint, varintWidth, varintWidthAt } from './numbers.ts';
import { writeFixed, writeVarint } from './numbers.ts';

/** Payloads up to this length are copied behind their head: one small write instead of two. */
const JOIN_LENGTH = 1024;

/** A value that passed all checks, as the parts of its frame. */
export interface EncodableFrame {
  readonly before: Uint8Array | undefined;
  /** The bytes of the prefix, unless it is a plain number: a custom field, or a varint that is kept. */
  readonly prefix: Uint8Array | undefined;
  readonly prefixWidth: number;
  readonly declared: number;
  readonly after: Uint8Array | undefined;
  readonly payload: Uint8Array;
  readonly trailer: Uint8Array | undefined;
}

export function encodedLength(layout: FrameLayout, frame: EncodableFrame): number {
  return (
    layout.before.length +
    frame.prefixWidth +
    layout.after.length +
    frame.payload.length +
    layout.trailer.length
  );
}

/** Returns the frame as pieces in order. */
export function encodePieces(layout: FrameLayout, frame: EncodableFrame): Uint8Array[] {
  const { payload } = frame;
  if (payload.length <= JOIN_LENGTH || layout.checksum !== undefined) {
    const whole = new Uint8Array(encodedLength(layout, frame));
    encodeFrameInto(layout, frame, { target: whole, offset: 0 });
    return [whole];
  }
  const head = new Uint8Array(layout.before.length + frame.prefixWidth + layout.after.length);
  writeHead(layout, frame, { target: head, offset: 0 });
  const { trailer } = layout;
  if (trailer.length === 0) {
    return [head, payload];
  }
  // Copy the fixed bytes: a caller that overwrites a piece must not change the codec.
  return [head, payload, frame.trailer ?? trailer.magic?.slice() ?? new Uint8Array(trailer.length)];
}

/** Number of bytes in all pieces together. */
export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

interface Slot {
  readonly target: Uint8Array;
  readonly offset: number;
}

export function encodeFrameInto(layout: FrameLayout, frame: EncodableFrame, slot: Slot): number {
  const { target } = slot;
  checkRoom(target, slot.offset, encodedLength(layout, frame));
  const payloadAt = writeHead(layout, frame, slot);
  target.set(frame.payload, payloadAt);
  const trailerAt = payloadAt + frame.payload.length;
  if (layout.checksum === undefined) {
    return writeSection(layout.trailer, frame.trailer, { target, offset: trailerAt });
  }
  target.set(checksumOf(layout.checksum, target.subarray(slot.offset, trailerAt)), trailerAt);
  return trailerAt + layout.trailer.length;
}

/** Throws unless `length` bytes at `offset` lie inside `target`. */
export function checkRoom(target: Uint8Array, offset: number, length: number): void {
  checkBytes('target', target);
  const room = target.length - offset;
  if (Number.isSafeInteger(offset) && offset >= 0 && length <= room) {
    return;
  }
  throw unencodable(`${length} bytes do not fit into the ${room} bytes at offset ${offset}.`, {
    length,
    limit: room,
  });
}

function writeHead(layout: FrameLayout, frame: EncodableFrame, slot: Slot): number {
  const { target } = slot;
  let offset = writeSection(layout.before, frame.before, slot);
  if (frame.prefix !== undefined) {
    target.set(frame.prefix, offset);
    offset += frame.prefixWidth;
  } else if (layout.prefix.code === 0) {
    offset = writeVarint(frame.declared, target, offset);
  } else {
    offset = writeFixed(layout.prefix.code, frame.declared, target, offset);
  }
  return writeSection(layout.after, frame.after, { target, offset });
}

function writeSection(section: Section, given: Uint8Array | undefined, slot: Slot): number {
  const { target, offset } = slot;
  if (section.length === 0) {
    return offset;
  }
  const bytes = given ?? section.magic;
  if (bytes === undefined) {
    target.fill(0, offset, offset + section.length);
  } else {
    target.set(bytes, offset);
  }
  return offset + section.length;
}

/** Makes a frame of a payload alone. Sections that the caller could fill become zeros. */
export function fromPayload(layout: FrameLayout, payload: Uint8Array): EncodableFrame {
  return fromParts(layout, { payload });
}

/** Makes a frame of its parts. `kept` is a prefix that has the right number already, in its own form. */
export function fromParts(
  layout: FrameLayout,
  parts: FrameParts,
  kept?: Uint8Array,
): EncodableFrame {
  if (parts === null || parts === undefined) {
    checkBytes('payload', parts);
  }
  const { before, flags, after, payload, trailer } = parts;
  checkFlags(layout, flags);
  checkBytes('payload', payload);
  checkSection(layout.before, before, layout.deliver === 'parts');
  checkSection(layout.after, after, layout.deliver === 'parts');
  checkSection(layout.trailer, trailer, layout.deliver === 'parts');
  if (payload.length > layout.maxPayloadLength) {
    throw unencodable(
      `A payload of ${payload.length} bytes exceeds maxPayloadLength ${layout.maxPayloadLength}.`,
      { length: payload.length, limit: layout.maxPayloadLength },
    );
  }
  const declared = payload.length + layout.counted;
  const { width, custom } = layout.prefix;
  const prefix =
    kept ?? (custom === undefined ? undefined : customPrefix(layout, { declared, before, flags }));
  const prefixWidth = prefix?.length ?? (width === 0 ? varintWidth(declared) : width);
  return { before, prefix, prefixWidth, declared, after, payload, trailer };
}

/** Makes a frame of all its bytes. Checks the fixed bytes and fills in the length. */
export function fromFrame(layout: FrameLayout, frame: Uint8Array): EncodableFrame {
  checkBytes('frame', frame);
  const { before, after, trailer } = layout;
  const given = givenPrefix(layout, frame);
  const prefixEnd = before.length + given.width;
  const payloadAt = prefixEnd + after.length;
  const payloadEnd = frame.length - trailer.length;
  if (payloadEnd < payloadAt) {
    const limit = payloadAt + trailer.length;
    throw unencodable(
      `A frame of ${frame.length} bytes is below the ${limit} that every frame has.`,
      {
        length: frame.length,
        limit,
      },
    );
  }
  const parts = {
    ...(layout.prefix.flagBits === 0 ? {} : { flags: given.flags }),
    before: frame.subarray(0, before.length),
    after: frame.subarray(prefixEnd, payloadAt),
    payload: frame.subarray(payloadAt, payloadEnd),
    ...(layout.checksum === undefined ? { trailer: frame.subarray(payloadEnd) } : {}),
  };
  // Keep a right prefix as it is: a varint may be over-long, a custom field may hold more than a length.
  // Flags stay in any case: only the length is filled in.
  const isRight = given.length === payloadEnd - payloadAt + layout.counted;
  const keeps = isRight && given.width <= layout.prefixCanonicalWidth && given.isOverlong !== true;
  return fromParts(layout, parts, keeps ? frame.subarray(before.length, prefixEnd) : undefined);
}

/** Reads the prefix of a given whole frame. A fixed built-in prefix is written anew, so it is not read. */
function givenPrefix(
  layout: FrameLayout,
  frame: Uint8Array,
): { width: number; length?: number; flags?: number; isOverlong?: boolean } {
  const { custom, width: fixedWidth } = layout.prefix;
  const at = layout.before.length;
  if (custom !== undefined) {
    const given = givenCustom(layout, frame, at);
    if (given !== undefined) {
      return given;
    }
  } else if (fixedWidth > 0) {
    return { width: fixedWidth };
  } else {
    const width = varintWidthAt(frame, at, Math.min(frame.length, at + layout.prefixReadWidth));
    if (width > 0) {
      return {
        width,
        length: readVarint(frame, at, width),
        isOverlong: layout.prefix.minimal && isOverlong(frame, at, width),
      };
    }
  }
  throw unencodable('The frame holds no whole length prefix.', { length: frame.length });
}

function givenCustom(
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
  readonly before: Uint8Array | undefined;
  readonly flags: number | undefined;
}

/** Lets a custom field write the prefix, and reads it back: a length that would be misread is not sent. */
function customPrefix(layout: FrameLayout, { declared, before, flags }: CustomParts): Uint8Array {
  const { custom, name, maxWidth, width } = layout.prefix;
  const head = headInFront(layout, before);
  let prefix: unknown;
  try {
    prefix = custom?.write(declared, head, flags);
  } catch (cause) {
    // A field of this package says what is wrong, and quotes no byte.
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
  const frame = head.length === 0 ? prefix : join(head, prefix);
  if (custom === undefined || readsBack(custom, frame, place)) {
    return prefix;
  }
  throw unencodable(`The ${name} length field does not read the ${declared} that it wrote.`, {
    length: declared,
    hint: 'prefix.read and prefix.write must agree, also on how `before` affects the length.',
  });
}

/** A copy of what will stand in front of the prefix: a custom field must not change the codec or the value. */
function headInFront({ before: section }: FrameLayout, before: Uint8Array | undefined): Uint8Array {
  if (section.length === 0) {
    return NO_BYTES;
  }
  return (before ?? section.magic)?.slice() ?? new Uint8Array(section.length);
}

/** Throws for a value that is not bytes, or whose memory is gone: it would be sent as an empty value. */
export function checkBytes(name: string, bytes: unknown): void {
  if (!isBytes(bytes)) {
    throw unencodable(`The ${name} must be a Uint8Array, not ${kindOf(bytes)}.`, {
      hint: 'Make bytes of text with new TextEncoder().encode(text) or Buffer.from(text).',
    });
  }
  if (isGone(bytes)) {
    throw unencodable(`The memory of the ${name} was transferred or shrunk.`, {
      hint: 'Send a copy, or send before the memory is transferred.',
    });
  }
}

/** Throws unless the flags of a value are bits that this format has. */
function checkFlags({ prefix }: FrameLayout, flags: number | undefined): void {
  if (flags === undefined || (prefix.flagBits !== 0 && areFlags(flags, prefix.flagBits))) {
    return;
  }
  const bits = `0x${prefix.flagBits.toString(16)}`;
  const most = prefix.flagBits === 0 ? 'absent, for this prefix has no flags' : `bits of ${bits}`;
  throw unencodable(`'flags' must be ${most}, not ${kindOf(flags)}.`);
}

/** Throws unless a section of a value has the length and the fixed bytes of the layout. */
function checkSection(section: Section, given: Uint8Array | undefined, required: boolean): void {
  if (given === undefined) {
    if (!required || !section.own) {
      return;
    }
    throw unencodable(`The value has no '${section.name}' of ${section.length} bytes.`, {
      limit: section.length,
    });
  }
  checkBytes(section.name, given);
  if (given.length !== section.length) {
    throw unencodable(`'${section.name}' has ${given.length} bytes, not ${section.length}.`, {
      length: given.length,
      limit: section.length,
    });
  }
  if (section.magic !== undefined && !areSame(section.magic, given)) {
    throw unencodable(`'${section.name}' does not hold the fixed bytes of this format.`, {
      reason: section.name,
    });
  }
}
