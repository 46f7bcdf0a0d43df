// The gate: tells when a receiver on this Linux machine has read everything that was sent to it, so
// that the next piece meets an empty queue and one recv() sees it alone.
//
// Rules:
// - "Read" means two things: what was written has reached the receiver, and nothing lies unread in
//   its queue. The first is asked before the second, or the answer could be older than the bytes.
// - Arrival is known by the acknowledgement. As a receiver that has answered acknowledges up to 40 ms
//   late, small pieces may instead be known to have arrived by no segment being in flight; that holds
//   only while the congestion window (10 segments at first) cannot be what keeps a piece back.
// - What cannot be known is not claimed: no row and no answer in time are results, not guesses.

import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { KernelTables, Sought } from './kernel-tables.ts';
import { endpointForms } from './proc-net-tcp.ts';

/** What became of the bytes: all read; not read in time; not to be seen from here; connection gone. */
export type GateAnswer = 'read' | 'unread' | 'unseen' | 'gone';

export interface Gate {
  /**
   * Waits until the receiver has read all that was written, at most `patience` ms. To be called after
   * each piece, with its length, when the kernel has taken it.
   */
  settled(length: number, patience: number): Promise<GateAnswer>;
}

/** TCP_SYN_RECV: the kernel has not made the receiver's socket yet; it may wait for the first bytes. */
const NOT_YET_MADE = 3;
/** Looks without a pause. Later ones leave the processor to the receiver for a moment. */
const EAGER_LOOKS = 12;
/** Looks for which the receiver's row may be missing: tables change while they are read. */
const LOOKS_FOR_ROW = 6;
/** Fewer than the initial congestion window of 10, so that the kernel has surely sent each at once. */
const UNPROVEN_PIECES = 8;
/** Far less than one loopback segment of 64 KiB. */
const SMALL_PIECE = 16 * 1024;

class KernelGate implements Gate {
  readonly #tables: KernelTables;
  readonly #socket: Socket;
  readonly #ours: Sought;
  readonly #theirs: Sought;
  #unproven = 0;

  constructor(tables: KernelTables, socket: Socket, ends: { near: Ends; far: Ends }) {
    this.#tables = tables;
    this.#socket = socket;
    this.#ours = { local: ends.near, remote: ends.far };
    this.#theirs = { local: ends.far, remote: ends.near };
  }

  async settled(length: number, patience: number): Promise<GateAnswer> {
    this.#unproven += length > SMALL_PIECE ? UNPROVEN_PIECES : 1;
    const deadline = performance.now() + patience;
    let missing = 0;
    for (let look = 0; ; look++) {
      if (this.#socket.destroyed) {
        return 'gone';
      }
      const answer = this.#look();
      if (answer === 'read') {
        return answer;
      }
      missing = answer === 'unseen' ? missing + 1 : 0;
      if (missing >= LOOKS_FOR_ROW) {
        return this.#theirs.table === undefined ? 'unseen' : 'gone';
      }
      if (performance.now() >= deadline) {
        return answer;
      }
      await (look < EAGER_LOOKS ? turn() : sleep(1));
    }
  }

  #look(): 'read' | 'unread' | 'unseen' {
    const arrived = this.#haveArrived();
    const theirs = this.#tables.queues(this.#theirs);
    if (theirs === undefined || theirs.state === NOT_YET_MADE) {
      return 'unseen';
    }
    return arrived && theirs.unread === 0 ? 'read' : 'unread';
  }

  #haveArrived(): boolean {
    if (this.#unproven < UNPROVEN_PIECES && this.#tables.nothingInFlight()) {
      return true;
    }
    const acknowledged = this.#tables.queues(this.#ours)?.unacknowledged === 0;
    if (acknowledged) {
      this.#unproven = 0;
    }
    return acknowledged;
  }
}

type Ends = readonly string[];

/** The gate of a connected socket. Whether the receiver is on this machine shows when it is asked. */
export function openGate(tables: KernelTables, socket: Socket): Gate | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined) {
    return undefined;
  }
  if (remoteAddress === undefined || remotePort === undefined) {
    return undefined;
  }
  const littleEndian = endianness() === 'LE';
  return new KernelGate(tables, socket, {
    near: endpointForms({ address: localAddress, port: localPort }, littleEndian),
    far: endpointForms({ address: remoteAddress, port: remotePort }, littleEndian),
  });
}
