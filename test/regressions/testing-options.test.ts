// What a proxy or a proof was given as a value was taken as it is, where the same as text was refused:
// an unknown fault did nothing, `cut 0` waited for ever, and others were a TypeError of Node's.

import { expect, it } from 'vitest';
import { chop, proveDecoder, proveServer } from '../../src/entries/testing.ts';

const send = Uint8Array.of(1);
const proxy = (options: object): Promise<unknown> =>
  chop({ listen: ':0', to: ':9', ...options }).then((opened) => opened.close());
const proof = (options: object): Promise<unknown> => proveServer({ to: ':9', send, ...options });
const playing = (op: unknown): object => ({ v: 1, seed: 1, direction: 'to-server', ops: [op] });

const wrong: [string, () => Promise<unknown>, string][] = [
  ['a fault that there is not', () => proxy({ faults: [{ fault: 'slise' }] }), 'ERR_OPTION'],
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

it.each(wrong)('%s is refused', async (_, call, code) => {
  await expect(call()).rejects.toMatchObject({ name: 'UsageError', code });
});

it('proveDecoder refuses a target or options that are none', async () => {
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
