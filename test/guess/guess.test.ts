// The results of guesses on short, readable streams.

import { describe, expect, test } from 'vitest';
import type { GuessStream } from '../../src/guess/stream.ts';
import { guess } from '../../src/guess/guess.ts';
import { framing } from '../../src/framing/framing.ts';
import { printFraming } from '../../src/framing/words.ts';
import { unstickErrorOf } from '../support/outcomes.ts';
import { hex, join, utf8 } from '../support/bytes.ts';

/** A stream whose chunks are these frames. */
function cutStream(
  frames: readonly Uint8Array[],
  direction: GuessStream['direction'] = 'a>b',
): GuessStream {
  let at = 0;
  return { direction, bytes: join(frames), ends: frames.map(({ length }) => (at += length)) };
}

const numbers = Array.from({ length: 12 }, (_, i) => i);
const text = (i: number): string => 'the quick brown fox jumps'.slice(i % 7, 9 + ((i * 5) % 16));

/** Modbus: transaction, protocol 0, length, unit, function, address, values. */
const modbus = numbers.map((i) =>
  i % 2 === 0
    ? hex(`00${(16 + i).toString(16)} 0000 0006 11 03 006b 0003`)
    : hex(
        `00${(16 + i).toString(16)} 0000 000b 11 10 0001 0002 04 000a 01${(32 + i).toString(16)}`,
      ),
);

describe('a guess', () => {
  test('names the known format', () => {
    const { verdict, guesses } = guess([cutStream(modbus)]);
    expect(verdict).toBe('sure');
    expect(guesses[0]).toMatchObject({ format: 'modbusTcp', direction: 'a>b', frames: [12, 12] });
    expect(guesses[0]?.why).toContain('12 of 12 chunks end where a frame ends');
  });

  test('is one for both directions, where one framing fits both', () => {
    const answers = numbers.map((i) =>
      hex(`00${(16 + i).toString(16)} 0000 0009 11 03 06 ae41 5652 43${(40 + i).toString(16)}`),
    );
    const { guesses } = guess([cutStream(modbus), cutStream(answers, 'b>a')]);
    expect(guesses.map(({ format, direction }) => [format, direction])).toEqual([
      ['modbusTcp', 'both'],
    ]);
  });

  test('is one for each direction, where they differ', () => {
    const asks = numbers.map((i) =>
      join([hex('ab'), hex(`000${i.toString(16)}`), ...frame(text(i))]),
    );
    const lines = numbers.map((i) => utf8(`+OK ${text(i)} ${i * 37}\r\n`));
    const { guesses } = guess([cutStream(asks), cutStream(lines, 'b>a')]);
    expect(guesses.map(({ direction }) => direction)).toEqual(['a>b', 'b>a']);
    expect(guesses[1]?.framing.codec).toMatch(/lines|delimited/);
  });

  test('names the checksum at the end of every frame', () => {
    const codec = framing({
      codec: 'lengthPrefixed',
      before: 3,
      prefix: 'u16le',
      trailer: { checksum: 'CRC-16/KERMIT', order: 'le' },
      deliver: 'parts',
    });
    const frames = numbers.map((i) =>
      join(codec.encode({ before: hex('c5 01 7f'), payload: utf8(text(i)) })),
    );
    const [found] = guess([cutStream(frames)]).guesses;
    expect(found?.why).toContain('each frame ends with CRC-16/KERMIT');
    expect(found?.framing).toMatchObject({
      prefix: 'u16le',
      before: 3,
      trailer: { checksum: 'CRC-16/KERMIT', order: 'le' },
    });
  });

  test('names the checksum where a format without one has the same frames', () => {
    const codec = framing({
      codec: 'lengthPrefixed',
      prefix: 'u16be',
      counts: ['payload', 'trailer'],
      trailer: { checksum: 'CRC-16/XMODEM' },
    });
    const frames = numbers.map((i) => join(codec.encode(utf8(text(i)))));
    const [found] = guess([cutStream(frames)]).guesses;
    const [first] = found?.alternatives ?? [];
    expect(found?.frames).toEqual([12, 12]);
    expect(found?.why).toContain('each frame ends with CRC-16/XMODEM');
    expect(first).toMatchObject({ prefix: 'u16be', trailer: { checksum: 'CRC-16/XMODEM' } });
  });

  test('starts behind a greeting that is framed otherwise', () => {
    const frames = numbers.map((i) => join([hex('51'), ...frame(text(i))]));
    const greeting = utf8('hello from a server of version 7\n');
    const { verdict, guesses } = guess([cutStream([greeting, ...frames])]);
    expect(verdict).toBe('likely');
    expect(guesses[0]).toMatchObject({ from: greeting.length, frames: [12, 12] });
  });

  test('says what a constant length hides', () => {
    const frames = numbers.map((i) => hex(`aa55 0008 0100 00${(16 + i * 3).toString(16)}`));
    const [found] = guess([cutStream(frames)]).guesses;
    expect(found?.frames).toEqual([12, 12]);
    expect(found?.why).toContain(
      'all frames have one length, so the number that says it cannot be told',
    );
  });

  test('takes no more bytes than it is told', () => {
    const { guesses } = guess([cutStream(modbus)], { maxLength: 60 });
    expect(guesses[0]?.frames[0]).toBeLessThan(6);
  });

  test('refuses options that it does not have', () => {
    const options: object = { most: 1 };
    const error = unstickErrorOf(() => guess([], options));
    expect(error).toMatchObject({ code: 'ERR_OPTION' });
  });
});

describe('words for what was found', () => {
  test.each([
    [{ codec: 'lengthPrefixed', prefix: 'berLength', before: 1, deliver: 'parts' }],
    [{ codec: 'lengthPrefixed', prefix: { digits: 4 }, before: 2, deliver: 'parts' }],
    [{ codec: 'delimited', end: '0d 0a' }],
  ] as const)('are JSON where the grammar has none: %j', (description) => {
    expect(JSON.parse(printFraming(description))).toEqual(description);
  });
});

function frame(payload: string): Uint8Array[] {
  const bytes = utf8(payload);
  return [Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes];
}
