// The encoder of lengthPrefixed(): it turns a value into the bytes of one frame. All checks come first,
// so a refused value has written nothing. A large payload is passed by reference, so head, payload and
// trailer are separate pieces. A small one is copied, so the frame is one piece.

import { NO_BYTES } from './bytes.ts';
import { writeChecksum } from './checksum.ts';
import { customPrefix, givenCustom, misread } from './custom-prefix.ts';
import type { FrameParts } from './frame-parts.ts';
import { unencodable } from './frame-errors.ts';
import type { FrameLayout } from './frame-layout.ts';
import { readsBack } from './length-field.ts';
import { isOverlong, readVarint, varintWidth, varintWidthAt } from './numbers.ts';
import { writeFixed, writeVarint } from './numbers.ts';
import {
  checkBytes,
  checkFixed,
  checkFlags,
  checkLength,
  checkRoom,
  checkSection,
} from './part-checks.ts';
import { ownBytesOf } from './sections.ts';
import type { Section, SectionName } from './sections.ts';
import { sectionBytes, writeSection } from './write-section.ts';
import type { Slot } from './write-section.ts';

/** Payloads up to this length are copied behind their head: one small write instead of two. */
const JOIN_LENGTH = 1024;

/** A value that passed all checks, as the parts of its frame. Of a section it has the own bytes. */
export interface EncodableFrame {
  readonly before: Uint8Array | undefined;
  /** Prefix of a custom field, or taken over from a given frame. Without it, write `declared`. */
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
  if (payload.length <= JOIN_LENGTH || layout.checksums.written.length > 0) {
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
  // The bytes of a trailer that is the caller's go by reference, as those of the payload.
  const isOwn = trailer.ownLength === trailer.length && frame.trailer !== undefined;
  return [head, payload, isOwn ? frame.trailer : sectionBytes(trailer, frame.trailer)];
}

/** Number of bytes in all pieces together. */
export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

export function encodeFrameInto(layout: FrameLayout, frame: EncodableFrame, slot: Slot): number {
  const { target } = slot;
  checkRoom(target, slot.offset, encodedLength(layout, frame));
  const payloadAt = writeHead(layout, frame, slot);
  target.set(frame.payload, payloadAt);
  const trailerAt = payloadAt + frame.payload.length;
  const end = writeSection(layout.trailer, frame.trailer, { target, offset: trailerAt });
  if (layout.checksums.written.length > 0) {
    writeChecksums(layout, frame, target.subarray(slot.offset, end));
  }
  return end;
}

function writeChecksums(layout: FrameLayout, frame: EncodableFrame, bytes: Uint8Array): void {
  const afterAt = layout.before.length + frame.prefixWidth;
  const payloadAt = afterAt + layout.after.length;
  const trailerAt = payloadAt + frame.payload.length;
  const starts = [0, layout.before.length, afterAt, payloadAt, trailerAt, bytes.length];
  for (const one of layout.checksums.written) {
    writeChecksum(one, bytes, starts);
  }
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
  const required = layout.deliver === 'parts';
  const own = {
    before: checkSection(layout.before, before, required),
    after: checkSection(layout.after, after, required),
    trailer: checkSection(layout.trailer, trailer, required),
  };
  checkLength(layout, payload.length);
  const declared = payload.length + layout.counted;
  const { width, custom } = layout.prefix;
  const prefix =
    kept ??
    (custom === undefined
      ? undefined
      : customPrefix(layout, { declared, before: own.before, flags }));
  const prefixWidth = prefix?.length ?? (width === 0 ? varintWidth(declared) : width);
  const frame = { ...own, prefix, prefixWidth, declared, payload };
  if (custom !== undefined && layout.before.sums.length > 0) {
    checkSummedHead(layout, frame, flags);
  }
  return frame;
}

/** Reads a custom prefix back behind the checksums of `before`, which were zeros when it was written. */
function checkSummedHead(
  layout: FrameLayout,
  frame: EncodableFrame,
  flags: number | undefined,
): void {
  const whole = new Uint8Array(encodedLength(layout, frame));
  encodeFrameInto(layout, frame, { target: whole, offset: 0 });
  const at = layout.before.length;
  const head = whole.subarray(0, at + frame.prefixWidth);
  const { custom } = layout.prefix;
  if (custom !== undefined && !readsBack(custom, head, { at, length: frame.declared, flags })) {
    throw misread(layout, frame.declared);
  }
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
    ...ownPart(before, frame.subarray(0, before.length)),
    ...ownPart(after, frame.subarray(prefixEnd, payloadAt)),
    payload: frame.subarray(payloadAt, payloadEnd),
    ...ownPart(trailer, frame.subarray(payloadEnd)),
  };
  // Keep a right prefix as it is: a varint may be over-long, a custom field may hold more than a length.
  // Flags stay in any case: only the length is filled in.
  const isRight = given.length === payloadEnd - payloadAt + layout.counted;
  const keeps = isRight && given.width <= layout.prefixCanonicalWidth && given.isOverlong !== true;
  return fromParts(layout, parts, keeps ? frame.subarray(before.length, prefixEnd) : undefined);
}

/** The own bytes of a section in a given whole frame. Its checksums are computed anew. */
function ownPart(section: Section, bytes: Uint8Array): Partial<Record<SectionName, Uint8Array>> {
  checkFixed(section, bytes);
  return section.ownLength === 0 ? {} : { [section.name]: ownBytesOf(section, bytes) };
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
  throw misread(layout, declared);
}

function misread({ prefix: { name } }: FrameLayout, declared: number): UsageError {
  return unencodable(`The ${name} length field does not read the ${declared} that it wrote.`, {
    length: declared,
    hint: 'prefix.read and prefix.write must agree, also on how `before` affects the length.',
  });
}

/** A copy of what will stand in front of the prefix: a custom field must not change the codec or the value. */
function headInFront({ before: section }: FrameLayout, before: Uint8Array | undefined): Uint8Array {
  return section.length === 0 ? NO_BYTES : sectionBytes(section, before);
}
