// Checks the parts of a value, and the memory (`target`) into which encode writes. The checks run before
// encode writes a byte. A check that fails throws UsageError ERR_FRAME_UNENCODABLE.

import { isBytes, isGone } from './bytes.ts';
import { kindOf, unencodable } from './frame-errors.ts';
import type { FrameLayout } from './frame-layout.ts';
import { areFlags } from './length-field.ts';
import { fixedBytesHold } from './sections.ts';
import type { Section } from './sections.ts';
import { quantity } from '../text.ts';

/**
 * Throws for a value that is not bytes, and for bytes whose memory is gone: encode would send such bytes as
 * an empty value.
 */
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

/** Throws unless the flags of a value are bits that this format has. */
export function checkFlags({ prefix }: FrameLayout, flags: number | undefined): void {
  if (flags === undefined || (prefix.flagBits !== 0 && areFlags(flags, prefix.flagBits))) {
    return;
  }
  const bits = `0x${prefix.flagBits.toString(16)}`;
  const most =
    prefix.flagBits === 0 ? 'absent, because this prefix has no flags' : `bits of ${bits}`;
  throw unencodable(`'flags' must be ${most}, not ${kindOf(flags)}.`);
}

/**
 * Returns the own bytes that a value gives for a section. Throws if their number is not that of the format,
 * and if they are missing although `required` is true. For a section without own bytes a value may give all
 * bytes of the section; its fixed bytes must then be right.
 */
export function checkSection(
  section: Section,
  given: Uint8Array | undefined,
  required: boolean,
): Uint8Array | undefined {
  const { name, ownLength } = section;
  if (given === undefined) {
    if (!required || ownLength === 0) {
      return undefined;
    }
    throw unencodable(`The value has no '${name}' of ${quantity(ownLength, 'byte')}.`, {
      limit: ownLength,
    });
  }
  checkBytes(name, given);
  const wanted = ownLength === 0 ? section.length : ownLength;
  if (given.length !== wanted) {
    throw unencodable(`'${name}' has ${quantity(given.length, 'byte')}, not ${wanted}.`, {
      length: given.length,
      limit: wanted,
    });
  }
  if (ownLength > 0) {
    return given;
  }
  checkFixed(section, given);
  return undefined;
}

/** Throws unless the fixed bytes of a section stand in `bytes`, which are the whole section. */
export function checkFixed(section: Section, bytes: Uint8Array): void {
  if (fixedBytesHold(section, bytes)) {
    return;
  }
  throw unencodable(`'${section.name}' does not hold the fixed bytes of this format.`, {
    reason: section.name,
  });
}

/** Throws unless the format can hold a payload of this length. */
export function checkLength(
  { minPayloadLength, maxPayloadLength }: FrameLayout,
  length: number,
): void {
  if (length > maxPayloadLength) {
    throw unencodable(
      `A payload of ${length} bytes exceeds maxPayloadLength ${maxPayloadLength}.`,
      { length, limit: maxPayloadLength },
    );
  }
  if (length < minPayloadLength) {
    throw unencodable(
      `A payload of ${quantity(length, 'byte')} is shorter than ${minPayloadLength}, the minimum of this format.`,
      {
        length,
        limit: minPayloadLength,
        hint: 'Because adjust is below 0, the length on the wire would be negative.',
      },
    );
  }
}
