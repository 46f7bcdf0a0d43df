// Waits `ms` as the library counts them: makes a connection with a stalled frame, and waits until it fails by
// a `frameTimeout` of `ms`. Limits of `ms` that began earlier are over then, too.

import { framed } from '../../src/entries/main.ts';
import { tcpPair, write } from './sockets.ts';
import { rejection } from './waiting.ts';

export async function stallElsewhere(ms: number): Promise<void> {
  const { near, far } = await tcpPair();
  const connection = framed(near, undefined, { frameTimeout: ms });
  const stalled = rejection(connection.receive());
  await write(far, Uint8Array.of(0));
  await stalled;
}
