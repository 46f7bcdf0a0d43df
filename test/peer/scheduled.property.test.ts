// Promises of peers under fc.scheduler: pieces, answers, aborts and resets happen in any order that the
// scheduler finds, and every promise is settled once, with its own result.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { peer, reply } from '../../src/entries/peer.ts';
import type { Peer } from '../../src/entries/peer.ts';
import { cutPair } from '../support/cut-pair.ts';
import { runs } from '../support/seed.ts';

type Plan = readonly {
  readonly how: 'ask' | 'abort' | 'stream' | 'reset';
  readonly length: number;
}[];

const plans: fc.Arbitrary<Plan> = fc.array(
  fc.record({
    how: fc.constantFrom('ask', 'ask', 'abort', 'stream', 'reset'),
    length: fc.nat(40),
  }),
  { minLength: 1, maxLength: 6 },
);

/** What came of one step: text, so that it can be compared. */
async function act(
  here: Peer,
  { how, length }: Plan[number],
  later: () => Promise<unknown>,
): Promise<string> {
  if (how === 'ask' || how === 'abort') {
    const abort = new AbortController();
    if (how === 'abort') {
      void later().then(() => abort.abort());
    }
    const body = 'x'.repeat(length);
    try {
      const answer = await here.request('echo', length, { body, signal: abort.signal });
      return answer.result === length && String(answer.body) === body ? 'right' : 'wrong';
    } catch (error) {
      return how === 'abort' && Object(error).code === 'ERR_ABORTED' ? 'aborted' : String(error);
    }
  }
  const channel = here.open('echo');
  channel.end('y'.repeat(length));
  if (how === 'reset') {
    void later().then(() => channel.reset('enough'));
  }
  let text = '';
  channel.on('data', (bytes: Buffer) => (text += String(bytes)));
  await new Promise((resolve) => {
    channel.once('close', resolve);
  });
  if (how === 'reset') {
    return 'reset';
  }
  return text === 'y'.repeat(length) && channel.errored === null ? 'right' : 'wrong';
}

const ALLOWED: Readonly<Record<Plan[number]['how'], readonly string[]>> = {
  ask: ['right'],
  abort: ['right', 'aborted'],
  stream: ['right'],
  reset: ['reset'],
};

test('whatever comes first, everything is settled, and both sides end in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.scheduler(),
      fc.integer({ min: 20, max: 300 }),
      async (plan, s, size) => {
        const later = (): Promise<unknown> => s.schedule(Promise.resolve());
        const [near, far] = cutPair(() => size, later);
        const here = peer(near, { window: 16, maxChannels: 2, heartbeatInterval: Infinity });
        const there = peer(far, {
          window: 16,
          maxPendingRequests: 2,
          maxChannels: 2,
          heartbeatInterval: Infinity,
        });
        there.handle('echo', async (params, { body }) => {
          await later();
          return reply(params, body);
        });
        there.handleChannel('echo', (channel) => void channel.pipe(channel));
        const results = Promise.all(plan.map((step) => act(here, step, later)));
        const over = results.then(() => Promise.all([here.close(), there.close()]));
        await s.waitFor(over);
        for (const [i, result] of (await results).entries()) {
          expect(ALLOWED[plan[i]?.how ?? 'ask']).toContain(result);
        }
        expect([here.failure, there.failure]).toEqual([undefined, undefined]);
      },
    ),
    runs(60),
  );
});
