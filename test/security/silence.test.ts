// When a peer asks a remote that fell silent, and when it gives it up: not an interval later because of
// bytes that it had heard before.

import { expect, onTestFinished, test, vi } from 'vitest';
import type { Peer } from '../../src/entries/peer.ts';
import { HELLO, messageBytes, playClient, startPeers } from '../support/peers.ts';
import { fateOf } from '../support/servers.ts';
import { turns, until } from '../support/waiting.ts';

const STEP_MS = 100;

/** Turns the event loop and the clock together until `condition` holds; gives the ms that passed. */
async function passUntil(condition: () => boolean, limit: number): Promise<number> {
  let passed = 0;
  while (!condition() && passed < limit) {
    passed += STEP_MS;
    vi.advanceTimersByTime(STEP_MS);
    await turns(5);
  }
  return passed;
}

test.each([0, 3000, 14_000])(
  'a remote that falls silent after %i ms has 15 s and 15 s',
  async (ms) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const met: Peer[] = [];
    const server = await startPeers((peer) => {
      met.push(peer);
      peer.handle('hi', () => 'hello');
    });
    const stranger = await playClient(server.port);
    const fate = fateOf(stranger);
    let heard = '';
    stranger.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')));
    stranger.write(HELLO);
    await untilHeard(() => heard.includes('hello'));
    await passUntil(() => false, ms);
    stranger.write(messageBytes({ kind: 'request', id: 1, name: 'hi' }));
    await untilHeard(() => heard.includes('response'));
    const asked = await passUntil(() => heard.includes('ping'), 60_000);
    expect(Math.abs(asked - 15_000)).toBeLessThan(500);
    const ended = await passUntil(() => met[0]?.failure !== undefined, 60_000);
    expect(Math.abs(ended - 15_000)).toBeLessThan(500);
    expect(met[0]?.failure).toMatchObject({ code: 'ERR_PEER_SILENT' });
    await passUntil(() => stranger.destroyed, 5000);
    expect((await fate).how).toBe('RST');
  },
);

/** As `until`, whose clock stands still here. */
async function untilHeard(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 10_000 && !condition(); i++) {
    await turns(1);
  }
  await until(condition, 'it was heard');
}
