// What a hello may ask for, and how much of one is read: over a socket, and the answer is a reset.

import { expect, test } from 'vitest';
import type { Peer } from '../../src/entries/peer.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import { join } from '../support/bytes.ts';
import { HELLO, messageBytes, playClient, startPeers } from '../support/peers.ts';
import { fateOf } from '../support/servers.ts';

const hello = (changed: JsonObject): Uint8Array =>
  messageBytes({
    kind: 'hello',
    version: 1,
    window: 262_144,
    maxChannels: 128,
    maxPendingRequests: 128,
    maxHeaderLength: 16_384,
    maxBodyLength: 1_048_576,
    ...changed,
  });

const long = (id: number): Uint8Array =>
  messageBytes({ kind: 'request', id, name: 'never', params: 'x'.repeat(900) });

test.each<[string, Uint8Array]>([
  ['bodies of one byte', hello({ maxBodyLength: 1 })],
  ['bodies of 4095 bytes', hello({ maxBodyLength: 4095 })],
  ['headers of 255 bytes', hello({ maxHeaderLength: 255 })],
  ['a window of nothing', hello({ window: 0 })],
  ['half a channel', hello({ maxChannels: 0.5 })],
  ['limits of text', hello({ maxBodyLength: '1048576' })],
  ['more than maxHelloLength', hello({ more: 'x'.repeat(4096) })],
  [
    'more than maxHelloLength in its body',
    messageBytes({ kind: 'hello', version: 1 }, 'x'.repeat(5000)),
  ],
])('a hello with %s is refused', async (_, said) => {
  const met: Peer[] = [];
  const server = await startPeers((peer) => {
    met.push(peer);
    peer.handle('never', () => undefined);
  });
  const stranger = await playClient(server.port);
  stranger.write(said);
  expect((await fateOf(stranger)).how).toBe('RST');
  expect(await met[0]?.closed).toMatchObject({ name: 'ProtocolError' });
});

test('headers beyond maxPendingHeaderLength are BUSY, and those before are handled', async () => {
  let calls = 0;
  const server = await startPeers(
    (peer) =>
      peer.handle('never', () => {
        calls++;
        return new Promise(() => undefined);
      }),
    { maxHeaderLength: 1024, maxPendingHeaderLength: 2048 },
  );
  const stranger = await playClient(server.port);
  let heard = '';
  const busy = new Promise<void>((resolve) => {
    stranger.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
      if (heard.split('BUSY').length > 8) {
        resolve();
      }
    });
  });
  stranger.write(join([HELLO, ...Array.from({ length: 10 }, (_, i) => long(i + 1))]));
  await busy;
  expect(calls).toBe(2);
});
