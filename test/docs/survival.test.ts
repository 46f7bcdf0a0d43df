// Servers of the documentation live through strangers: an HTTP client, resets in mid-frame, clients that
// pipeline requests and never read, that half-close, that say nothing. Here a sample by seed, so that a
// busy machine has time for it; test/interop/survival.test.ts has all.

import { describe, expect, test } from 'vitest';
import { AROUND, besiegeable, fragmentNames } from './listening-programs.ts';
import { describeSurvival, MAX_GROWTH_MIB } from './survive.ts';

const SAMPLE = 5;
const seed = Number(process.env['UNSTICK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Programs that break a promise each, to see that a siege notices. */
const DYING = `import { createServer } from 'node:net';
import { framed } from 'unstick';
async function receive(conn: ReturnType<typeof framed>): Promise<void> {
  for await (const frame of conn) await conn.send(frame);
}
createServer((socket) => void receive(framed(socket))).listen(0, '127.0.0.1');`;
const HOARDING = `import { createServer } from 'node:net';
const kept: Buffer[] = [];
createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined).on('data', (chunk) => kept.push(Buffer.from(chunk)));
  socket.on('end', () => socket.end());
}).listen(0, '127.0.0.1');`;
const DEAF = `import { createServer } from 'node:net';
createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');`;
const bad = [DYING, HOARDING, DEAF].map((text) => ({
  block: { info: 'ts', text, place: 'a bad program', after: undefined },
  output: undefined,
}));

/** Every n-th program, from where the seed says. */
const step = Math.ceil(besiegeable.length / SAMPLE);
const sample = besiegeable.filter((_, index) => (index + seed) % step === 0);
const besiegeBad = describeSurvival(sample, bad);

test(`the servers of the documentation are found; seed ${seed}`, () => {
  expect(besiegeable.length).toBeGreaterThan(20);
});

test('each exported function of the documentation has a caller here, or no server', () => {
  expect(fragmentNames.toSorted()).toEqual(Object.keys(AROUND).toSorted());
});

describe('a siege notices a program', () => {
  test.concurrent('that dies', async () => {
    expect(await besiegeBad(0)).toMatchObject({
      end: 1,
      warned: expect.stringContaining('ERR_FRAME_TOO_LARGE'),
    });
  });

  // A busy machine may hide that it grows, though never make it grow: the siege may look again.
  test.concurrent('that keeps everything', { retry: 4 }, async () => {
    expect((await besiegeBad(1)).grownBy).toBeGreaterThan(MAX_GROWTH_MIB);
  });

  test.concurrent('that answers nobody', async () => {
    expect(await besiegeBad(2, 3000)).toMatchObject({ isServed: false });
  });
});
