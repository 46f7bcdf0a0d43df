// What an idle connection holds, beside what a bare socket holds. It is counted in a process of its own, after a
// garbage collection. A server with many connections has most of its memory there.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { IdleReport } from '../support/idle-connections.ts';

/**
 * What the framing of a connection may hold on the heap, in bytes, with the loop that reads it. On Node 20 it is
 * 2400, 1800 and 3200; the limits leave room for other versions.
 */
const CEILINGS = { framed: 3200, scan: 2300, serve: 4200 };
/** A slab has at least 1024 bytes. The frame that a loop has read last has 12. */
const BUFFERS = 200;
/** How much a connection may grow by what it reads and sends. */
const GROWTH = 250;

/**
 * What two peers may hold together, and by how much their first request may let them grow. On Node 20 it is
 * 5900 and 2000, with the names that `tsx` keeps for each closure.
 */
const PEERS = 8000;
const PEERS_GROWTH = 3200;
/** Two hellos have 124. */
const PEERS_BUFFERS = 60;

let report: IdleReport | undefined;

beforeAll(async () => {
  const program = fileURLToPath(new URL('../support/idle-connections.ts', import.meta.url));
  const child = fork(program, { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const ended = once(child, 'exit');
  const [given]: unknown[] = await Promise.race([once(child, 'message'), ended]);
  await ended;
  // The cast: the program sends this, or ends with an exit code.
  report = typeof given === 'object' ? (given as IdleReport) : undefined;
});

describe.each(['framed', 'scan', 'serve'] as const)('an idle connection of %s', (way) => {
  test('holds little more than a bare socket', () => {
    const more = (report?.[way].heap ?? NaN) - (report?.bare.heap ?? NaN);
    expect(more).toBeGreaterThan(500);
    expect(more).toBeLessThan(CEILINGS[way]);
  });

  test('that has sent holds no slab', () => {
    expect(report?.[way].buffers).toBeLessThan(BUFFERS);
    expect(report?.[way].buffersLater).toBeLessThan(BUFFERS);
  });

  test('does not grow by what it reads and sends', () => {
    const { heap = NaN, heapLater = NaN } = report?.[way] ?? {};
    expect(heapLater - heap).toBeLessThan(GROWTH);
  });
});

describe('an idle peer of listen and one of connect', () => {
  test('hold little more than two bare sockets', () => {
    const more = (report?.peers.heap ?? NaN) - (report?.bare.heap ?? NaN);
    expect(more).toBeGreaterThan(2 * 500);
    expect(more).toBeLessThan(PEERS);
  });

  test('keep no message: neither the hello nor the last request', () => {
    expect(report?.peers.buffers).toBeLessThan(PEERS_BUFFERS);
    expect(report?.peers.buffersLater).toBeLessThan(PEERS_BUFFERS);
  });

  test('grow by little more than the maps of their first request', () => {
    const { heap = NaN, heapLater = NaN } = report?.peers ?? {};
    expect(heapLater - heap).toBeLessThan(PEERS_GROWTH);
  });
});
