// Channels in tests: those that came, and what they carried.

import type { Channel, Peer } from '../../src/entries/peer.ts';
import { until } from './waiting.ts';

/** `take` keeps the channels that come, in order. */
export function keeping(): { setup: (peer: Peer) => void; taken: Channel[] } {
  const taken: Channel[] = [];
  return {
    taken,
    setup: (peer) => {
      peer.handleChannel('take', (channel) => void taken.push(channel));
      peer.handleChannel('echo', (channel) => void channel.pipe(channel));
      peer.handle('echo', (params) => params);
    },
  };
}

export async function opened(
  here: Peer,
  taken: Channel[],
  params: string = '',
): Promise<[Channel, Channel]> {
  const near = here.open('take', params);
  await until(() => taken.some((channel) => channel.params === params), 'it came');
  const far = taken.find((channel) => channel.params === params);
  if (far === undefined) {
    throw new Error('it did not come');
  }
  return [near, far];
}

/** Handles what these tests open, for those that need not see it. */
export const { setup: anyOf } = keeping();

/** All that comes until the other side ends; iterating would destroy the channel then. */
export function buffer(channel: Channel): Promise<Buffer> {
  const chunks: Buffer[] = [];
  channel.on('data', (bytes: Buffer) => chunks.push(bytes));
  return new Promise((resolve, reject) => {
    channel.once('end', () => resolve(Buffer.concat(chunks)));
    channel.once('error', reject);
  });
}

export async function text(channel: Channel): Promise<string> {
  return String(await buffer(channel));
}
