// The short run of gateway/chaos: gateways and broker as processes, killed with -9 while devices send.

import { expect, test } from 'vitest';
import { runChaos } from '../chaos/chaos.ts';
import { hasNats, natsNote } from './support/nats-server.ts';

test.skipIf(!hasNats)(
  `no acknowledged frame is lost or out of order, whatever dies${natsNote}`,
  async () => {
    const lines: string[] = [];
    const result = await runChaos({
      devices: 60,
      pace: 20,
      blows: 8,
      seed: 7,
      freeze: 1000,
      tell: (line) => lines.push(line),
    });
    expect(result).toMatchObject({
      blows: { gateway: 2, broker: 2, freeze: 2, restart: 2 },
      lost: 0,
      disordered: 0,
    });
    expect(result.acknowledged).toBeGreaterThan(60 * 10);
    expect(result.reconnects).toBeGreaterThan(60);
    expect(lines).toHaveLength(8);
  },
  300_000,
);
