// Channels in tests: collects the channels that the remote opens, opens some, and reads their bytes.

import type { Channel, Peer } from '../../src/entries/peer.ts';
import { until } from './waiting.ts';

/** A setup for a peer: channels opened as `take` are collected in `taken`, in order; `echo` sends back. */
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

/** A setup for tests that do not look at the channels. */
export const { setup: anyOf } = keeping();

/** All bytes until the other side ends. Not by `for await`, which would destroy the channel at the end. */
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
