// Takes the head of a frame apart (and other bytes around the payload) by the description of the framing. It
// reads the layout that the codec reads, so it needs no parser of its own.

import { frameLayout } from '../codec/frame-layout.ts';
import type { FrameLayout } from '../codec/frame-layout.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import { readFixed, readVarint } from '../codec/numbers.ts';
import type { Section } from '../codec/sections.ts';
import { toLengthPrefixed } from '../framing/codecs.ts';
import { printable } from '../text.ts';
import { hexOf } from './block.ts';
import type { FrameRow, HeadField } from './rows.ts';

/**
 * Function that takes a frame apart. It gets the row of the frame, and as many of the frame's first bytes as
 * are kept.
 */
export type ReadHead = (row: FrameRow, bytes: Uint8Array) => readonly HeadField[];

/** Maximum number of bytes of a field that are shown. */
const SHOWN = 32;

/**
 * Makes the function for a framing. `undefined` stands for a codec of the caller, whose heads are unknown
 * here.
 */
export function headReader(framing: Framing | undefined): ReadHead {
  if (framing === undefined) {
    return () => [];
  }
  if (framing.codec !== 'lengthPrefixed') {
    return (row, bytes) => (row.head === 0 ? [] : [field('head', 0, bytes.subarray(0, row.head))]);
  }
  const { codec: _codec, ...options } = framing;
  const layout = frameLayout(toLengthPrefixed(options));
  return (row, bytes) => lengthPrefixedFields(layout, row, bytes);
}

function lengthPrefixedFields(
  layout: FrameLayout,
  row: FrameRow,
  bytes: Uint8Array,
): readonly HeadField[] {
  const { before, after, trailer } = layout;
  const prefixEnd = row.head - after.length;
  const trailerStart = row.head + row.payload;
  const isWhole = bytes.length >= row.length;
  return [
    ...sectionFields(before, 0, bytes),
    lengthOf(layout, bytes.subarray(0, prefixEnd)),
    ...sectionFields(after, prefixEnd, bytes),
    ...(isWhole ? sectionFields(trailer, trailerStart, bytes) : []),
  ];
}

/** Makes the field of the length prefix, which ends where these bytes end. */
function lengthOf({ prefix, before }: FrameLayout, bytes: Uint8Array): HeadField {
  const { code, custom } = prefix;
  const width = bytes.length - before.length;
  const value =
    code > 0
      ? readFixed(code, bytes, before.length)
      : custom === undefined
        ? readVarint(bytes, before.length, width)
        : custom.read(bytes, before.length)?.length;
  return {
    name: `length (${prefix.name})`,
    offset: before.length,
    length: width,
    value: String(value ?? ''),
  };
}

/** Makes the fields of a section: bytes of the caller, checksums, and the fixed bytes between them. */
function sectionFields(section: Section, start: number, bytes: Uint8Array): HeadField[] {
  const { name, length, own, sums } = section;
  const runs = [
    ...own.map(({ from, to }) => ({ from, to, word: name as string })),
    ...sums.map(({ from, to }) => ({ from, to, word: 'checksum' })),
  ].toSorted((one, other) => one.from - other.from);
  const fields: HeadField[] = [];
  let at = 0;
  const add = (word: string, to: number): void => {
    if (to > at) {
      fields.push(field(word, start + at, bytes.subarray(start + at, start + to)));
      at = to;
    }
  };
  for (const { from, to, word } of runs) {
    add('fixed bytes', from);
    add(word, to);
  }
  add('fixed bytes', length);
  return fields;
}

/** Makes a field with its bytes as hex, and as text if all of them can be read. */
function field(name: string, offset: number, bytes: Uint8Array): HeadField {
  const shown = bytes.subarray(0, SHOWN);
  const digits = hexOf(shown).replaceAll(/(..)(?=.)/g, '$1 ');
  const isText = shown.length > 0 && shown.every((byte) => byte >= 0x20 && byte < 0x7f);
  const text = isText ? ` ${printable(String.fromCharCode(...shown))}` : '';
  const more = bytes.length > SHOWN ? ' …' : '';
  return { name, offset, length: bytes.length, value: `${digits}${more}${text}` };
}
