// The short run of gateway/chaos: gateways and broker as processes, killed with -9 while devices send, on a
// network that stalls and a disk that is full.

import { expect, test } from 'vitest';
import { POSSIBLE_BLOWS, runChaos } from '../chaos/chaos.ts';
import { hasNats, natsNote } from './support/nats-server.ts';

test.skipIf(!hasNats)(
  `no acknowledged frame is lost or out of order, whatever dies${natsNote}`,
  async () => {
    const lines: string[] = [];
    const result = await runChaos({
      devices: 60,
      pace: 20,
      blows: 2 * POSSIBLE_BLOWS.length,
      seed: 7,
      freeze: 1000,
      tell: (line) => lines.push(line),
    });
    expect(result).toMatchObject({
      blows: Object.fromEntries(POSSIBLE_BLOWS.map((blow) => [blow, 2])),
      lost: 0,
      disordered: 0,
    });
    expect(result.acknowledged).toBeGreaterThan(60 * 10);
    expect(result.reconnects).toBeGreaterThan(60);
    expect(lines).toHaveLength(2 * POSSIBLE_BLOWS.length);
  },
  300_000,
);
