// chop({ schedule }) and proveServer({ run: 5 }) ignored the misspelt option without an error.

import { expect, test } from 'vitest';
import { chop } from '../../src/chop/proxy.ts';
import { lengthPrefixed } from '../../src/entries/main.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { proveServer } from '../../src/prove/server/prove-server.ts';

const here = '127.0.0.1:1';
const refusal = (name: string): unknown =>
  expect.objectContaining({
    code: 'ERR_OPTION',
    message: expect.stringContaining(`no option "${name}"`) as unknown,
  });

test('a misspelt option of chop is refused', async () => {
  const options = { listen: here, to: here, schedule: [] };
  await expect(chop(options)).rejects.toEqual(refusal('schedule'));
});

test('a misspelt option of proveServer is refused', async () => {
  const options = { to: here, send: new Uint8Array(1), run: 5 };
  await expect(proveServer(options)).rejects.toEqual(refusal('run'));
});

test('a misspelt option of proveDecoder is refused', async () => {
  const options = { samples: [new Uint8Array(4)], run: 5 };
  await expect(proveDecoder(lengthPrefixed(), options)).rejects.toEqual(refusal('run'));
});
