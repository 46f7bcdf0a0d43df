// Values that were refused as text were accepted as objects by the proxy and the prover: an unknown fault did
// nothing, `cut 0` waited for ever, and others threw a TypeError of Node.

import { expect, test } from 'vitest';
import { chunkings, hostileBytes } from '../../src/entries/arbitraries.ts';
import { lengthPrefixed } from '../../src/entries/main.ts';
import {
  chop,
  cutPoints,
  planSchedule,
  proveDecoder,
  proveServer,
} from '../../src/entries/testing.ts';

const send = Uint8Array.of(1);
const proxy = (options: object): Promise<unknown> =>
  chop({ listen: ':0', to: ':9', ...options }).then((opened) => opened.close());
const proof = (options: object): Promise<unknown> => proveServer({ to: ':9', send, ...options });
const decoder = (options: object): Promise<unknown> =>
  proveDecoder(lengthPrefixed(), { samples: [send], ...options });
const invoke = (attempt: unknown, ...given: unknown[]): unknown =>
  typeof attempt === 'function' ? Reflect.apply(attempt, undefined, given) : attempt;
const playing = (op: unknown): object => ({ v: 1, seed: 1, direction: 'to-server', ops: [op] });

const wrong: [string, () => Promise<unknown>, string][] = [
  ['a fault that there is not', () => proxy({ faults: [{ kind: 'slise' }] }), 'ERR_OPTION'],
  ['a fault without its numbers', () => proxy({ faults: [{ kind: 'slice' }] }), 'ERR_OPTION'],
  ['no fault at all', () => proxy({ faults: [null] }), 'ERR_OPTION'],
  ['an address without a host', () => proxy({ listen: { port: 0 } }), 'ERR_OPTION'],
  ['no address', () => proxy({ to: null }), 'ERR_OPTION'],
  [
    'a cut of nothing',
    () => proxy({ schedules: [playing({ kind: 'cut', n: 0 })] }),
    'ERR_SCHEDULE',
  ],
  ['an op that is none', () => proxy({ schedules: [playing(7)] }), 'ERR_SCHEDULE'],
  ['text to be sent', () => proof({ send: 'text' }), 'ERR_OPTION'],
  ['texts to be sent', () => proof({ send: ['text'] }), 'ERR_OPTION'],
  ['an empty command', () => proof({ spawn: '' }), 'ERR_OPTION'],
  [
    'a replay of a cut of nothing',
    () => proof({ replay: playing({ kind: 'cut', n: 0 }) }),
    'ERR_SCHEDULE',
  ],
];

test.each(wrong)('%s is refused', async (_, call, code) => {
  await expect(call()).rejects.toMatchObject({ name: 'UsageError', code });
});

test('proveDecoder refuses a target or options that are none', async () => {
  for (const given of [
    [undefined, {}],
    [null, {}],
    [{ push: () => () => undefined }],
    [{}, null],
  ]) {
    await expect(Reflect.apply(proveDecoder, undefined, given)).rejects.toMatchObject({
      code: 'ERR_OPTION',
    });
  }
});

// Each kind of refusal has one wording: what the value must be, and what it was, with its type.
const worded: [string, () => unknown, string][] = [
  [
    'a port as text',
    () => proxy({ to: { host: '127.0.0.1', port: '9000' } }),
    'to: port must be a whole number from 1 to 65535, not the string "9000".',
  ],
  ['a port that is too large', () => proxy({ to: ':70000' }), 'not 70000.'],
  ['a host that is none', () => proof({ to: { host: 7, port: 9 } }), 'to: host must be a name'],
  ['a name that an address does not have', () => proof({ to: { host: 'a', prot: 9 } }), '"prot"'],
  [
    'a seed as text',
    () => proof({ seed: '7' }),
    'seed must be a whole number from 0 to 4294967295',
  ],
  ['a patience as text', () => proof({ patience: '1s' }), 'not the string "1s"'],
  ['no patience', () => proof({ patience: 0 }), 'For no limit say Infinity.'],
  ['no time', () => proof({ time: 0 }), 'For no limit say Infinity.'],
  ['an endless pause', () => proof({ pause: Infinity }), 'pause must be a whole number'],
  ['an endless idle time', () => proof({ until: { idle: Infinity } }), 'until.idle must be'],
  ['an until that is none', () => proof({ until: 'eot' }), 'until must be same-length, eof, or'],
  ['half of a run', () => proof({ runs: 0.5 }), 'runs must be a whole number, 1 or more, not 0.5'],
  ['an answer as text', () => proof({ expect: 'ok' }), 'expect must be bytes, not the string "ok"'],
  ['a pattern as text', () => proof({ normalize: 'x' }), 'normalize must be a regular expression'],
  ['frames that are none', () => proof({ frames: [{ start: 0 }] }), 'frames[0].payloadStart'],
  ['a replay that is none', () => proof({ replay: null }), 'replay must be a schedule'],
  ['a signal that is none', () => proof({ signal: {} }), 'signal must be an AbortSignal'],
  ['a signal that is none', () => proxy({ signal: true }), 'signal must be an AbortSignal'],
  ['a listener that is none', () => proxy({ onClose: 7 }), 'onClose must be a function, not 7'],
  ['a record that is none', () => proxy({ record: 'yes' }), 'record must be true or false'],
  ['faults that are no list', () => proxy({ faults: 'delay:5' }), 'faults must be a list'],
  [
    'schedules that are no list',
    () => proxy({ schedules: playing(0) }),
    'schedules must be a list',
  ],
  ['a plan that is none', () => proxy({ plan: 7 }), 'A plan cannot be 7.'],
  ['a plan of nothing', () => proxy({ plan: null }), 'A plan cannot be null.'],
  ['a finder that is none', () => proxy({ plan: { finder: 1 } }), 'plan.finder must be a function'],
  ['a direction that is none', () => proxy({ direction: 'up' }), 'to-server, to-client, both'],
  ['a time limit as text', () => decoder({ timeLimit: '9' }), 'timeLimit must be a number of ms'],
  ['a check that is none', () => decoder({ only: ['speed'] }), 'only must be one of'],
  ['a function that is none', () => decoder({ equals: true }), 'equals must be a function'],
  ['samples that are no list', () => decoder({ samples: send }), 'samples must be a list'],
  ['a misspelt hint', () => invoke(cutPoints, send, [], { prefixLenght: 2 }), '"prefixLenght"'],
  ['a misspelt length', () => invoke(hostileBytes, { max: 2 }), 'hostileBytes has no option "max"'],
  ['a misspelt flag', () => invoke(chunkings, send, { empty: true }), '"empty"'],
  ['a misspelt seed', () => invoke(planSchedule, () => [], { sead: 1 }), '"sead"'],
];

test.each(worded)('%s is refused in the words of all options', async (_, attempt, words) => {
  const error: unknown = await Promise.resolve()
    .then(attempt)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toMatchObject({ name: 'UsageError', code: 'ERR_OPTION' });
  expect(String(error)).toContain(words);
});
