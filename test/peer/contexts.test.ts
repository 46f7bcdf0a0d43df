// The async context of handlers: that in which their peer was made, whatever has brought the bytes.

import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { peer } from '../../src/entries/peer.ts';
import { tcpPair } from '../support/sockets.ts';

test('handlers run in the async context in which their peer was made', async () => {
  const store = new AsyncLocalStorage<string>();
  const { near, far } = await tcpPair();
  const there = store.run('made here', () => peer(near));
  const seen: unknown[] = [];
  there.handle('note', () => void seen.push(store.getStore()));
  const here = peer(far);
  for (let i = 0; i < 3; i++) {
    await here.request('note');
  }
  expect(seen).toEqual(['made here', 'made here', 'made here']);
  here.destroy();
  await there.closed;
});
