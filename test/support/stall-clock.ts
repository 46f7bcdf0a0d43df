// Time that passes, as an event: a connection with a stalled frame and a limit of `ms` of its own
// fails when `ms` are over. Whatever was started before with the same limit is due by then.

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
