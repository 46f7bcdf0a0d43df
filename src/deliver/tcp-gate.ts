// The gate of a TCP connection. It uses what the kernel says about the two sockets of the connection.
//
// Rules:
// - "Read" means two things: all written bytes have reached the receiver, and no byte lies unread in its
//   queue. Both facts come from one row of the kernel, or the gate asks for the first and then for the
//   second. In the other order the queue could be seen empty before the bytes had arrived.
// - If the kernel counts the bytes that the receiver has got, that count shows the arrival. Otherwise the
//   acknowledgement shows it, but a receiver that has answered may acknowledge up to 40 ms late. So small
//   pieces count as arrived when no segment is in flight. This holds only while the congestion window (10
//   segments at first) cannot keep a piece back.

import type { Socket } from 'node:net';
import { seek } from './kernel-tables.ts';
import type { KernelTables, SoughtSocket } from './kernel-tables.ts';
import { lookUntil } from './looking.ts';
import type { Gate, GateAnswer, Sight } from './looking.ts';
import type { Endpoint, Queues } from './tables/proc-net-tcp.ts';

/** State TCP_SYN_RECV: the kernel has not made the receiver's socket yet. It may wait for the first bytes. */
const NOT_YET_MADE = 3;
/**
 * Number of looks in a row without the receiver's row after which the gate gives up. One look is not enough,
 * because tables change while they are read.
 */
const LOOKS_FOR_ROW = 6;
/**
 * Number of pieces from which on only an acknowledgement shows that they arrived. It is below the initial
 * congestion window of 10, so the kernel has surely sent all of fewer pieces.
 */
const UNPROVEN_PIECES = 8;
/**
 * Maximum length in bytes of a piece whose arrival may be inferred. It is far less than one loopback segment
 * of 64 KiB.
 */
const SMALL_PIECE = 16 * 1024;

class TcpGate implements Gate {
  readonly #tables: KernelTables;
  readonly #socket: Socket;
  readonly #ours: SoughtSocket;
  readonly #theirs: SoughtSocket;
  /** Whether the receiver's count of bytes can be compared with ours. Over TLS our count is not known. */
  #isCounted: boolean;
  #unproven = 0;
  #missing = 0;
  #seen = false;

  constructor(tables: KernelTables, socket: Socket, [near, far]: readonly [Endpoint, Endpoint]) {
    this.#tables = tables;
    this.#socket = socket;
    this.#ours = seek(near, far);
    this.#theirs = seek(far, near);
    this.#isCounted = !('encrypted' in socket);
  }

  settled(length: number, patience: number): Promise<GateAnswer> {
    this.#unproven += length > SMALL_PIECE ? UNPROVEN_PIECES : 1;
    this.#missing = 0;
    return lookUntil(patience, () => this.#look());
  }

  async #look(): Promise<Sight> {
    if (this.#socket.destroyed) {
      return 'gone';
    }
    const written = this.#socket.bytesWritten;
    const arrived = !this.#isCounted && (await this.#haveArrived());
    const theirs = await this.#tables.queues(this.#theirs);
    if (theirs === undefined || theirs.state === NOT_YET_MADE) {
      this.#missing++;
      const verdict = this.#seen ? 'gone' : 'unseen';
      return this.#missing >= LOOKS_FOR_ROW ? verdict : 'again';
    }
    this.#seen = true;
    this.#missing = 0;
    return this.#isAllRead(theirs, arrived, written) ? 'read' : 'again';
  }

  #isAllRead({ unread, received }: Queues, arrived: boolean, written: number): boolean {
    if (!this.#isCounted) {
      return arrived && unread === 0;
    }
    // If this is false, the next look asks for the acknowledgement first.
    this.#isCounted = received !== undefined;
    return received !== undefined && received >= written && unread === 0;
  }

  async #haveArrived(): Promise<boolean> {
    if (this.#unproven < UNPROVEN_PIECES && this.#tables.nothingInFlight()) {
      return true;
    }
    const acknowledged = (await this.#tables.queues(this.#ours))?.unacknowledged === 0;
    if (acknowledged) {
      this.#unproven = 0;
    }
    return acknowledged;
  }
}

export function openTcpGate(tables: KernelTables, socket: Socket): Gate | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined) {
    return undefined;
  }
  if (remoteAddress === undefined || remotePort === undefined) {
    return undefined;
  }
  const near = { address: localAddress, port: localPort };
  const far = { address: remoteAddress, port: remotePort };
  return new TcpGate(tables, socket, [near, far]);
}
