// A gate tells when a receiver on this Linux machine has read everything that was sent to it. The next piece
// then meets an empty queue, and one recv() gets that piece alone. Each transport for which the kernel can
// tell this has its own gate:
//
//   TCP, TLS over TCP    tcp-gate.ts
//   unix sockets, pipes  unix-gate.ts (Node makes the pipes of a child as unix sockets)
//
// kernel-tables.ts asks the kernel.
//
// Rule: a gate claims nothing that it cannot know. A missing row, and no answer in time, are results, too.

import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { KernelTables } from './kernel-tables.ts';
import type { Gate } from './looking.ts';
import { openTcpGate } from './tcp-gate.ts';
import { openUnixGate } from './unix-gate.ts';

/**
 * Opens the gate of a connected stream: a TCP, TLS or unix socket, or the standard input of a child. Returns
 * `undefined` if no table of the kernel shows the stream; the sender must then pause between pieces instead.
 * Only the first `settled` shows whether the receiver is on this machine.
 *
 * Over TLS each piece of at most 16 KiB is one record.
 */
export function openGate(tables: KernelTables | undefined, stream: Writable): Gate | undefined {
  if (!(stream instanceof Socket)) {
    return undefined;
  }
  return stream.remoteAddress === undefined
    ? openUnixGate(tables, stream)
    : tables && openTcpGate(tables, stream);
}
