// The encoder of lengthPrefixed(): it turns a value into the bytes of one frame. All checks come first, so no
// byte of a refused value is written. A large payload is passed by reference, so head, payload and trailer
// are separate pieces. A small payload is copied, so the frame is one piece. A frame with checksums is one
// piece as well.

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

/**
 * Maximum length of a payload that is copied behind its head, so that a frame is one small write instead of
 * two.
 */
const JOIN_LENGTH = 1024;

/** A value that passed all checks, as the parts of its frame. Of each section it holds only the own bytes. */
export interface EncodableFrame {
  readonly before: Uint8Array | undefined;
  /**
   * Prefix that a custom field wrote, or that a given frame has. If it is `undefined`, the number `declared`
   * is written.
   */
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

/**
 * Returns the bytes of the frame as pieces, in the order of the wire. With at most JOIN_LENGTH bytes of
 * payload, or with checksums, the frame is one new piece. Otherwise the payload is a piece by reference, and
 * so is a trailer that has own bytes only.
 */
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
  // A trailer that has only bytes of the caller is passed by reference, as the payload is.
  const isOwn = trailer.ownLength === trailer.length && frame.trailer !== undefined;
  return [head, payload, isOwn ? frame.trailer : sectionBytes(trailer, frame.trailer)];
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

/** Makes a frame of a payload alone. Own bytes of the sections become zeros. */
export function fromPayload(layout: FrameLayout, payload: Uint8Array): EncodableFrame {
  return fromParts(layout, { payload });
}

/**
 * Makes a frame of its parts. `kept` is a prefix to use unchanged, because it already has the right length.
 */
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
      : customPrefix(layout, { declared, head: headInFront(layout, own.before), flags }));
  const prefixWidth = prefix?.length ?? (width === 0 ? varintWidth(declared) : width);
  const frame = { ...own, prefix, prefixWidth, declared, payload };
  if (custom !== undefined && layout.before.sums.length > 0) {
    checkSummedHead(layout, frame, flags);
  }
  return frame;
}

/**
 * Checks again that a custom field reads its prefix back, now behind the computed checksums of `before`. When
 * the field wrote the prefix, zeros stood for these checksums.
 */
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

/**
 * Makes a frame of all its bytes. Checks the fixed bytes, corrects the length in the prefix, and leaves the
 * checksums to be computed anew.
 */
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
      `A frame of ${frame.length} bytes is shorter than ${limit}, which is the least in this format.`,
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
  // Keep a correct prefix unchanged: a varint may be over-long where the format allows that, and a custom field
  // may hold more than a length. A new prefix has the new length and the same flags.
  const isRight = given.length === payloadEnd - payloadAt + layout.counted;
  const keeps = isRight && given.width <= layout.prefixCanonicalWidth && given.isOverlong !== true;
  return fromParts(layout, parts, keeps ? frame.subarray(before.length, prefixEnd) : undefined);
}

/** Returns the own bytes of a section of a given frame. The encoder computes its checksums anew. */
function ownPart(section: Section, bytes: Uint8Array): Partial<Record<SectionName, Uint8Array>> {
  checkFixed(section, bytes);
  return section.ownLength === 0 ? {} : { [section.name]: ownBytesOf(section, bytes) };
}

/**
 * Reads the prefix of a given frame. For a built-in prefix of fixed width, which the encoder always writes
 * anew, returns the width only.
 */
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

/**
 * Copies the bytes in front of the prefix, because a custom field must not be able to change the bytes of the
 * codec or of the value.
 */
function headInFront({ before: section }: FrameLayout, before: Uint8Array | undefined): Uint8Array {
  return section.length === 0 ? NO_BYTES : sectionBytes(section, before);
}
