// The soak itself: a short one finds nothing in our servers, and each planted fault is found.

import { expect, test } from 'vitest';
import { behavioursFor } from '../../fuzz/soak/behaviours.ts';
import { linesOf } from '../../fuzz/soak/print.ts';
import { soak } from '../../fuzz/soak/soak.ts';
import { SERVER_NAMES } from '../../fuzz/soak/wire.ts';

/** Enough for every behaviour to be met a few times, also where the crowd gets a third of a processor. */
const SMALL = { time: 1500, connections: 80, seed: 11 };

test.each(SERVER_NAMES)('at least 17 ways to misbehave are known against %s', (name) => {
  const names = behavioursFor(name).map(([behaviour]) => behaviour);
  expect(new Set(names).size).toBeGreaterThanOrEqual(17);
});

test.each(SERVER_NAMES)(
  'a crowd against %s leaves nothing behind, and a client in its midst is answered rightly',
  async (server) => {
    const report = await soak({ server, ...SMALL });
    expect(report.findings).toEqual([]);
    const { facts } = report;
    expect(Object.keys(facts?.crowd.behaviours ?? {}).length).toBeGreaterThanOrEqual(17);
    expect(facts?.client.answers).toBeGreaterThan(0);
    expect(facts?.client.wrong).toBe(0);
    expect(facts?.worstDelay).toBeGreaterThan(0);
    const lines = linesOf(report).join('\n');
    expect(lines).toMatch(/^\w+: 80 hostile connections at a time for 1.5 s$/m);
    expect(lines).toMatch(/well-behaved +\d+ answers, 0 wrong; median .* ms, p99 .* ms/);
    expect(lines).toMatch(/event loop +late by .* ms at worst/);
    expect(lines).toMatch(/descriptors (\d+ → \d+|not told here); timers \d+ → \d+; heap/);
    expect(lines).toMatch(/nothing found$/);
  },
);

test.each([
  ['planted-leak', /descriptors left: \d+ → \d+\n(.*\n)*timers left: \d+ → \d+\n(.*\n)*heap grew/],
  ['planted-rejection', /errors or warnings uncaught: unhandledRejection: /],
  ['planted-death', /the process has died: code 3/],
  ['planted-wrong', /\d+ wrong answers: the answer to \d+ bytes was wrong/],
] as const)('%s is found: %s', async (server, finding) => {
  const report = await soak({ server, ...SMALL, rest: 2000 });
  expect(report.findings.join('\n')).toMatch(finding);
  expect(linesOf(report).join('\n')).toContain('FOUND');
});
