// Where frames go on, in streams that make it hard: long frames, frames inside frames, frames of a new kind, and a
// wrong length that makes false frames for ever.

import { describe, expect, test } from 'vitest';
import type { ErrorLine, FrameFound } from '../../src/inspect/lines.ts';
import { random as randomOf } from '../../src/schedule/random.ts';
import { hex, inPieces, join, utf8 } from '../support/bytes.ts';
import { inspect } from './inspecting.ts';

const random = randomOf(7);

/** Bytes that say nothing. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

/** A frame of a number of four bytes that counts what follows, a type, and its content. */
function typed(type: number, content: Uint8Array): Uint8Array {
  const head = new Uint8Array(5);
  new DataView(head.buffer).setUint32(0, content.length + 1);
  head[4] = type;
  return join([head, content]);
}

/** A text behind its length, as many protocols have it inside their frames. */
function counted(text: string): Uint8Array {
  const bytes = utf8(text);
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, bytes.length);
  return join([head, bytes]);
}

function times(count: number, make: (i: number) => Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** Frames of one length. One byte in each payload is the same length, so that a false chain never ends. */
const ENDLESS = times(80, () =>
  join([hex('17 0a 5a 01 00 00 02 00 03 00 00 04'), noise(10), hex('17'), noise(1)]),
);
/** Frames that are far longer than the bytes that a search looks at first. */
const LONG = times(6, (i) => typed(0x21, join([Uint8Array.of(7, 0, i), noise(5000 + 13 * i)])));
/** Frames whose content ends with a text behind its length, so that a frame of the format seems to begin there. */
const NESTED = times(30, (i) =>
  typed(0x65, join([noise(4), counted(`/home/someone/file-${i * i}`)])),
);
/** Frames with the number of their session, and then frames whose heads are encrypted. */
const SESSION = hex('d00dfeedcafe');
const CHANGING = [
  ...times(30, (i) => join([hex('0012 38'), SESSION, Uint8Array.of(i), noise(10)])),
  ...times(12, () => join([hex('0032 30'), noise(49)])),
];

function offsetOf(frames: readonly Uint8Array[], index: number): number {
  return join(frames.slice(0, index)).length;
}

interface Damage {
  readonly frames: readonly Uint8Array[];
  readonly format: string;
  readonly damaged: number;
  /** Place in the frame of the byte that is wrong, and the bits that change. */
  readonly at: number;
  readonly mask: number;
  /** Length of the pieces. Default: a piece is a frame. */
  readonly pieces?: number;
}

const DAMAGES: readonly (readonly [name: string, Damage])[] = [
  [
    'early, and false frames would go on for ever',
    { frames: ENDLESS, format: 'u8', damaged: 4, at: 0, mask: 2 },
  ],
  [
    'of a long frame',
    { frames: LONG, format: 'u32be', damaged: 2, at: 0, mask: 0x40, pieces: 1400 },
  ],
  [
    'of the first frame, which ends with a text behind its length',
    { frames: NESTED, format: 'u32be', damaged: 0, at: 0, mask: 0x40, pieces: 64 },
  ],
  ['that is one too small', { frames: NESTED, format: 'u32be', damaged: 14, at: 3, mask: 1 }],
];

describe('a wrong length', () => {
  test.each(DAMAGES)('%s: its frame is named, and the next one is found', (_, damage) => {
    const { frames, format, damaged, at, mask, pieces } = damage;
    const changed = frames.map((frame) => Uint8Array.from(frame));
    const frame = changed[damaged] ?? hex('');
    frame[at] = (frame[at] ?? 0) ^ mask;
    const cut = pieces === undefined ? changed : inPieces(join(changed), pieces);
    const { findings } = inspect(cut, { frames: format });
    const error = findings.find((one): one is ErrorLine => one.kind === 'error');
    expect(error?.suspect ?? error?.frame).toBe(damaged);
    expect(error?.goodAgainAt).toBe(offsetOf(frames, damaged + 1));
  });
});

test('frames of a new kind are found behind a wrong one', () => {
  const damaged = 33;
  const changed = CHANGING.map((frame) => Uint8Array.from(frame));
  changed[damaged]?.fill(0x40, 0, 1);
  const { findings } = inspect(changed, { frames: 'u16be' });
  const error = findings.find((one): one is ErrorLine => one.kind === 'error');
  expect(error?.goodAgainAt).toBe(offsetOf(CHANGING, damaged + 1));
});

describe('a start in the middle', () => {
  test.each([
    ['of a long frame', LONG, 'u32be', 4000],
    ['of a frame with a text behind its length', NESTED, 'u32be', 9],
  ])('%s: the first frame is the next one', (_, frames, format, from) => {
    const pieces = inPieces(join(frames).subarray(from), 1400);
    const { findings } = inspect(pieces, { frames: format, isMidStream: true, how: 'open' });
    const first = findings.find((one): one is FrameFound => one.kind === 'frame');
    expect((first?.offset ?? 0) + from).toBe(offsetOf(frames, 1));
  });
});

describe('good frames', () => {
  test('that begin inside pieces for a long time are not doubted', () => {
    const frames = [...NESTED, ...NESTED.slice(0, 3)];
    const pieces = [...frames, ...inPieces(join(times(60, () => join(NESTED))), 777)];
    const { summary } = inspect(pieces, { frames: 'u32be', how: 'open' });
    expect(summary).toMatchObject({ errors: 0, noiseBytes: 0, frames: 33 + 60 * 30 });
  });
});
