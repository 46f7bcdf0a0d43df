// Writes the sections of a frame, with zeros in place of checksums. The encoder computes the checksums when
// the frame is whole.

import type { Section } from './sections.ts';

/** The place to write to. */
export interface Slot {
  readonly target: Uint8Array;
  readonly offset: number;
}

/**
 * Writes a section: fixed bytes, own bytes if any are given, and zeros elsewhere. Returns the offset behind
 * the section.
 */
export function writeSection(section: Section, own: Uint8Array | undefined, slot: Slot): number {
  const { target, offset } = slot;
  const { length, magic } = section;
  if (length === 0) {
    return offset;
  }
  if (magic !== undefined) {
    target.set(magic, offset);
  } else if (own?.length !== length) {
    target.fill(0, offset, offset + length);
  }
  if (own !== undefined) {
    writeOwn(section, own, slot);
  }
  return offset + length;
}

function writeOwn({ own: runs }: Section, own: Uint8Array, { target, offset }: Slot): void {
  let at = 0;
  for (const { from, to } of runs) {
    const isAll = at === 0 && to - from === own.length;
    target.set(isAll ? own : own.subarray(at, at + to - from), offset + from);
    at += to - from;
  }
}

/** Returns the bytes of one section. */
export function sectionBytes(section: Section, own: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(section.length);
  writeSection(section, own, { target: bytes, offset: 0 });
  return bytes;
}
