// Draws a frame as boxes, from its description. The boxes show what stands where, and what the length counts.
//
//   ┌────────────┬────────┬───────────┬────────────┐
//   │ * 1 byte   │ * u16be│ * payload │ CRC-16/ARC │
//   └────────────┴────────┴───────────┴────────────┘
//
// `*` marks what the length counts. Fixed bytes are shown in hex. A size such as `1 byte` stands for bytes
// that the caller writes. This file is pure: it knows descriptions, but no codecs.

import type {
  ChecksumDescription,
  ContinuedMark,
  DelimitedFraming,
  EscapeDescription,
  Framing,
  FramingCodecName,
  FramingFor,
  LengthPrefixedFraming,
  PieceDescription,
  PrefixDescription,
  SectionDescription,
} from '../codec/formats/framing-types.ts';
import type { FramePart } from '../codec/sections.ts';
import { quantity } from '../text.ts';

/** A box of the drawing. */
export interface Cell {
  readonly text: string;
  /** Whether the length counts these bytes. */
  readonly isCounted: boolean;
}

export interface FramePicture {
  readonly cells: readonly Cell[];
  /** Sentences that say what the boxes cannot show. */
  readonly notes: readonly string[];
}

const ORDER: readonly FramePart[] = ['before', 'prefix', 'after', 'payload', 'trailer'];
/** Maximum number of fixed bytes that a box shows. Of a longer run the box shows the beginning. */
const MAX_SHOWN_BYTES = 12;

function plain(...texts: readonly string[]): readonly Cell[] {
  return texts.map((text) => ({ text, isCounted: false }));
}

function hexText(given: string): string {
  const bytes = given.match(/[0-9a-f]{2}/gi) ?? [];
  const [first = ''] = bytes;
  if (bytes.length > 4 && bytes.every((byte) => byte === first)) {
    return `${first} × ${bytes.length}`;
  }
  const shown = bytes.slice(0, MAX_SHOWN_BYTES).join(' ');
  return bytes.length > MAX_SHOWN_BYTES ? `${shown} … ${quantity(bytes.length, 'byte')}` : shown;
}

function checksumText({ checksum, over, order }: ChecksumDescription): string {
  const parts = over?.map((range) =>
    typeof range === 'string' ? range : `${range.part} from ${range.from ?? 0}`,
  );
  const covers = parts === undefined ? '' : ` of ${parts.join(' + ')}`;
  return `${checksum}${order === 'le' ? ' le' : ''}${covers}`;
}

function pieceText(piece: PieceDescription): string {
  if (typeof piece === 'number') {
    return quantity(piece, 'byte');
  }
  return typeof piece === 'string' ? hexText(piece) : checksumText(piece);
}

function sectionTexts(given: SectionDescription | undefined): readonly string[] {
  const pieces: readonly PieceDescription[] = [given ?? []].flat();
  return pieces.filter((piece) => piece !== 0 && piece !== '').map(pieceText);
}

/** Returns a prefix in words, such as `u16be (bits 0fff, × 4)`. */
function prefixText(given: PrefixDescription): string {
  if (typeof given === 'string') {
    return given;
  }
  if (!('type' in given)) {
    const [[name, argument] = [], ...options] = Object.entries(given);
    return [`${name}(${argument})`, ...options.map((option) => option.join(' '))].join(', ');
  }
  const { type, mask, unit, swapIf } = given;
  const said = [
    mask === undefined ? [] : `bits ${mask}`,
    unit === undefined ? [] : `× ${unit}`,
    swapIf === undefined ? [] : `swapped by bits ${swapIf.mask} of byte ${swapIf.at}`,
  ].flat();
  return said.length === 0 ? type : `${type} (${said.join(', ')})`;
}

function lengthPrefixedPicture(row: Omit<LengthPrefixedFraming, 'codec'>): FramePicture {
  const counts = new Set<FramePart>(row.counts ?? ['payload']);
  const texts: Readonly<Record<FramePart, readonly string[]>> = {
    before: sectionTexts(row.before),
    prefix: [`length ${prefixText(row.prefix ?? 'u32be')}`],
    after: sectionTexts(row.after),
    payload: ['payload'],
    trailer: sectionTexts(row.trailer),
  };
  const cells = ORDER.flatMap((part) =>
    texts[part].map((text) => ({ text, isCounted: counts.has(part) })),
  );
  const { adjust = 0 } = row;
  const more = adjust > 0 ? 'more' : 'less';
  const counted = `The length is ${Math.abs(adjust)} ${more} than the number of bytes that it counts.`;
  return { cells, notes: adjust === 0 ? [] : [counted] };
}

function escapeBytes(maps: Exclude<EscapeDescription, string> = []): string {
  return [maps]
    .flat()
    .map(({ escape }) => escape)
    .join(' and ');
}

function delimitedPicture(row: Omit<DelimitedFraming, 'codec'>): FramePicture {
  const { start, end, escape, checksum, strip } = row;
  const sum = typeof checksum === 'string' ? { checksum } : checksum;
  const words = typeof escape === 'string' ? `as ${escape} does` : `by ${escapeBytes(escape)}`;
  return {
    cells: plain(
      ...(start === undefined ? [] : [hexText(start)]),
      escape === undefined ? 'payload' : 'payload, escaped',
      ...(sum === undefined ? [] : [checksumText(sum)]),
      hexText(end),
    ),
    notes: [
      escape === undefined ? [] : `Between the markers bytes are escaped ${words}.`,
      strip === false ? 'A value includes its markers.' : [],
    ].flat(),
  };
}

function markNote({ part, at = 0, mask, means }: ContinuedMark): string {
  const where = part === 'flags' ? 'of the length' : `of byte ${at} ${part} the length`;
  const said = means === 'last' ? 'the fragment is the last one' : 'another fragment follows';
  return `A value is one fragment or several. Bits ${mask} ${where} say that ${said}.`;
}

type Pictures = { readonly [Name in FramingCodecName]: (row: FramingFor<Name>) => FramePicture };

/**
 * The function for each codec that draws its frames. If a codec has no function, this table does not compile.
 */
const PICTURES: Pictures = {
  lengthPrefixed: lengthPrefixedPicture,
  delimited: delimitedPicture,
  lines: ({ newline }) => ({
    cells: plain('text', newline === 'crlf' ? '0d 0a' : '0a'),
    notes: ['A received line may end with 0a or with 0d 0a.'],
  }),
  cobs: () => ({
    cells: plain('payload, without zeros', '00'),
    notes: ['COBS writes the payload so that no byte of it is 00.'],
  }),
  fixedLength: ({ length }) => ({ cells: plain(quantity(length, 'byte')), notes: [] }),
  netstrings: () => ({
    cells: [
      ...plain('length in digits', '3a'),
      { text: 'payload', isCounted: true },
      ...plain('2c'),
    ],
    notes: [],
  }),
  contentLength: () => ({
    cells: [
      ...plain('headers, Content-Length: length', '0d 0a 0d 0a'),
      { text: 'payload', isCounted: true },
    ],
    notes: [],
  }),
  messages: ({ prefix = 'u32be', bodyLengthKey = 'bodyLength' }) => ({
    cells: [
      ...plain(`length ${prefixText(prefix)}`),
      { text: 'header in JSON', isCounted: true },
      ...plain('body'),
    ],
    notes: [`The header gives the length of the body as ${bodyLengthKey}.`],
  }),
  continued: ({ frame, mark }) => {
    const { cells, notes } = lengthPrefixedPicture(frame);
    return { cells, notes: [...notes, markNote(mark)] };
  },
};

/**
 * Returns the boxes of a description in the order of the wire, and sentences about what the boxes cannot
 * show.
 */
export function pictureOf(framing: Framing): FramePicture {
  // The cast is right: the function under the name of a codec takes the descriptions of that codec.
  const draw = PICTURES[framing.codec] as (row: Framing) => FramePicture;
  const { cells, notes } = draw(framing);
  const isAnyCounted = cells.some(({ isCounted }) => isCounted);
  return { cells, notes: [...(isAnyCounted ? ['* marks what the length counts.'] : []), ...notes] };
}

/** Number of characters that a border and the spaces beside a text take. */
const BORDER = 3;

/**
 * Splits texts into rows of cells that fit side by side into `width`. A cell that is wider than `width` gets
 * its own row.
 */
function rowsOf(texts: readonly string[], width: number): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let used = Infinity;
  for (const text of texts) {
    const needed = text.length + BORDER;
    if (used + needed + 1 > width) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(text);
    used += needed;
  }
  return rows;
}

/**
 * Draws the boxes in lines of at most `width` characters. Only a row with a single box that is wider than
 * `width` is longer.
 */
export function drawCells(cells: readonly Cell[], width: number): readonly string[] {
  const texts = cells.map(({ text, isCounted }) => (isCounted ? `* ${text}` : text));
  return rowsOf(texts, width).flatMap((row) => {
    const bars = row.map((text) => '─'.repeat(text.length + 2));
    return [`┌${bars.join('┬')}┐`, `│ ${row.join(' │ ')} │`, `└${bars.join('┴')}┘`];
  });
}
