// The wire of a dialogue: what it sends when the remote is late or silent, what it shows of the remote's
// bytes, and what that costs.

import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Gate } from '../../../src/deliver/looking.ts';
import { parseDialogue } from '../../../src/prove/dialogue/parse.ts';
import type { Speaker } from '../../../src/prove/dialogue/dialogue.ts';
import { playDialogue } from '../../../src/prove/server/dialogue-wire.ts';
import { Exchange } from '../../../src/prove/server/exchange.ts';
import type { Wire } from '../../../src/prove/server/target.ts';

interface Played {
  readonly wire: Wire;
  /** Lets the remote say something. */
  readonly says: (text: string) => void;
  readonly hangsUp: () => void;
  /** Returns what was sent to the remote. */
  readonly sent: () => string;
  readonly isEnded: () => boolean;
}

/**
 * Makes a dialogue whose steps are texts. A text in front of `<` is the server's, a text behind `>` is the
 * client's, and an empty text is FIN.
 */
function played(
  steps: readonly object[],
  { patience = 60_000, speaker = 'client' }: { patience?: number; speaker?: Speaker } = {},
  gate?: Gate,
): Played {
  const dialogue = parseDialogue(JSON.stringify({ version: 1, steps }));
  const [input, output] = [new PassThrough({ highWaterMark: 2 ** 30 }), new PassThrough()];
  onTestFinished(() => void input.destroy());
  let sent = '';
  output.on('data', (chunk: Buffer) => (sent += chunk.toString()));
  const lengths = dialogue.steps.flatMap((step) =>
    'say' in step && step.from === speaker ? [SAID] : [],
  );
  return {
    wire: playDialogue({ input, output, gate }, { dialogue, speaker, lengths, patience }),
    says: (text) => void input.write(text),
    hangsUp: () => void input.end(),
    sent: () => sent,
    isEnded: () => output.writableEnded,
  };
}

/** Length of each step of the prover. */
const SAID = 5;
const GREETING = { from: 'server', say: [{ text: 'hello\n' }] };
const FIRST = { from: 'client', say: [{ text: 'abcd\n' }] };
const SECOND = { from: 'client', say: [{ text: 'EFGH\n' }] };
const FIN = { from: 'client', fin: true };

/** Writes a piece, and waits until the wire has taken it. */
function write({ wire }: Played, piece: string): Promise<void> {
  return new Promise((resolve) => {
    wire.output.write(piece, () => resolve());
  });
}

describe('a step', () => {
  test('is sent in its turn, cut as it is written', async () => {
    const play = played([GREETING, FIRST, SECOND]);
    const pieces = ['ab', 'cd\nE', 'FG', 'H\n'].map((piece) => write(play, piece));
    expect(play.sent()).toBe('');
    play.says('hello\n');
    await Promise.all(pieces);
    expect(play.sent()).toBe('abcd\nEFGH\n');
  });

  test('whose turn does not come is dropped whole, and so is what follows, however they are cut', async () => {
    const text = 'abcd\nEFGH\n';
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 9 })), async (cuts) => {
        const play = played([GREETING, FIRST, SECOND, FIN], { patience: 1 });
        const [first = '', ...others] = [0, ...cuts.toSorted((a, b) => a - b)].map(
          (from, index, all) => text.slice(from, all[index + 1]),
        );
        await write(play, first);
        // The remote says this too late.
        play.says('hello\n');
        for (const piece of others) {
          await write(play, piece);
        }
        expect([play.sent(), play.isEnded()]).toEqual(['', false]);
      }),
      { numRuns: 20 },
    );
  });

  const value = { v: { at: 0, length: 1 } };
  const nonce = {
    from: 'server',
    say: [],
    until: { lines: 1 },
    capture: { v: { at: 9, length: 1 } },
  };
  const scram = {
    proof: 'scram-sha-256',
    with: { 'client-first': 'n=u,r=x', 'server-first': [{ value: 'v' }], password: 'p' },
  };
  test.each<[string, readonly object[], string]>([
    ['that needs a value which did not come', [nonce, { ...FIRST, say: [{ value: 'v' }] }], 'no\n'],
    [
      'that needs a proof which cannot be computed',
      [
        { ...nonce, capture: value },
        { ...FIRST, say: [scram] },
      ],
      'no\n',
    ],
  ])('%s is the last, and the connection stays', async (_, steps, said) => {
    const play = played([...steps, SECOND]);
    play.says(said);
    await write(play, 'abcd\n');
    await write(play, 'EFGH\n');
    expect([play.sent(), play.wire.output.destroyed]).toEqual(['', false]);
  });

  test('that is dropped has no boundary that the gate could see', async () => {
    const gate: Gate = { settled: () => Promise.resolve('read') };
    const play = played([GREETING, FIRST], { patience: 1 }, gate);
    expect(await play.wire.gate?.settled(2, 0)).toBe('read');
    await write(play, 'ab');
    expect(await play.wire.gate?.settled(2, 0)).toBe('gone');
  });

  test('waits without a limit where patience is Infinity', async () => {
    const timer = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timer.mockRestore());
    const play = played([GREETING, FIRST], { patience: Infinity });
    const taken = write(play, 'abcd\n');
    await new Promise((resolve) => void setImmediate(resolve));
    const limits = timer.mock.calls.map(([, limit]) => limit);
    play.says('hello\n');
    await taken;
    expect(play.sent()).toBe('abcd\n');
    expect(limits).toEqual([2 ** 31 - 1]);
  });
});

describe('what a side says itself', () => {
  const nonce = { from: 'server', say: [{ text: 'n=1\n' }], capture: { n: { at: 2, length: 1 } } };
  const answer = { from: 'client', say: [{ text: 'I got ' }, { value: 'n' }] };

  test('has values for the steps of the other side', async () => {
    const play = played([nonce, answer, { ...GREETING, say: [{ text: 'later' }] }], {
      speaker: 'server',
    });
    await write(play, 'n=1\n ');
    play.says('I got ');
    play.says('1');
    await write(play, 'later');
    expect(play.sent()).toBe('n=1\nlater');
  });

  test('has values also for a step that came before its turn', async () => {
    const play = played([nonce, answer, { ...GREETING, say: [{ text: 'later' }] }], {
      speaker: 'server',
    });
    play.says('I got 1');
    await write(play, 'n=1\n ');
    await write(play, 'later');
    expect(play.sent()).toBe('n=1\nlater');
    play.hangsUp();
    const heard: Buffer[] = [];
    for await (const chunk of play.wire.input) {
      heard.push(chunk);
    }
    expect(Buffer.concat(heard).toString()).toBe('I got 1');
  });
});

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}

/** Counts the bytes that are copied, joined and searched from now on. */
function counting(): () => number {
  const set = vi.spyOn(Uint8Array.prototype, 'set');
  const concat = vi.spyOn(Buffer, 'concat');
  const searches = [
    vi.spyOn(Uint8Array.prototype, 'indexOf'),
    vi.spyOn(Buffer.prototype, 'indexOf'),
  ];
  onTestFinished(() => {
    for (const spy of [set, concat, ...searches]) {
      spy.mockRestore();
    }
  });
  return () =>
    sum(set.mock.calls.map(([from]) => from.length)) +
    sum(concat.mock.results.map(({ value }) => Buffer.from(value).length)) +
    sum(
      searches.flatMap(({ mock: { calls, contexts, results } }) =>
        contexts.map(({ length }, index) => {
          const end = Number(results[index]?.value);
          return (end < 0 ? length : end) - Number(calls[index]?.[1] ?? 0);
        }),
      ),
    );
}

describe('what a listener copies and searches', () => {
  const CHUNKS = 512;
  const CHUNK = 'a'.repeat(64);
  const TIMES = 6; // Each byte is copied, perhaps moved twice, and searched.

  test.each<[string, object]>([
    ['a marker', { until: { marker: { text: 'END' } } }],
    ['lines', { until: { lines: 3 } }],
    ['a length', { until: { length: CHUNKS * CHUNK.length + 3 } }],
    ['as many bytes as are said', { say: [{ text: 'a'.repeat(CHUNKS * CHUNK.length + 3) }] }],
    [
      'a marker, with a value',
      { until: { marker: { text: 'END' } }, capture: { v: { at: 0, length: 1 } } },
    ],
  ])('grows with the bytes alone, where a step ends behind %s', async (_, ends) => {
    const play = played([{ from: 'server', say: [], ...ends }, FIRST]);
    const exchange = new Exchange(play.wire);
    const satisfied = (bytes: Uint8Array): boolean => bytes.length >= CHUNKS * CHUNK.length;
    const count = counting();
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      play.says(CHUNK);
      await new Promise((resolve) => void setImmediate(resolve));
      exchange.bytes.at(-1);
    }
    const copied = count() / (CHUNKS * CHUNK.length);
    play.says('END\n\n\n');
    await exchange.listen({ satisfied, first: 60_000, quiet: 60_000 });
    expect(copied).toBeLessThan(TIMES);
  });
});
