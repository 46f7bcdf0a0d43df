// Capture is the entry of this room: it takes bytes of a capture file, and gives TCP conversations in the
// order of the packets.
//
//   chunks of a file ──▶ CaptureReader ──▶ packets ──▶ link layer, IP, TCP ──▶ Conversations ──▶ events
//
// This file is pure: the caller opens the file and decompresses it. Memory does not grow with the length of
// the file.

import { CaptureReader } from './capture-reader.ts';
import { Conversations } from './conversations.ts';
import type { ConversationLimits } from './conversations.ts';
import type { CaptureVisitor } from './events.ts';
import { networkStart, UNKNOWN_LINK } from './link-layer.ts';
import type { Packet } from './packet.ts';
import { TcpPacket } from './tcp-packet.ts';

/** Numbers of packets in the file, by kind. */
export interface CaptureCounts {
  packets: number;
  /** Number of TCP packets. Their conversations are followed. */
  tcp: number;
  /** Number of packets without IP, or with IP but without TCP. */
  others: number;
  /**
   * Number of fragments of IP packets. Fragments are not put together, so their bytes are missing in the
   * conversations.
   */
  fragments: number;
  /** Number of packets whose headers contradict themselves, or were cut off by a snaplen. */
  damaged: number;
  /** Number of packets of each link layer that cannot be read. The key is the number of the link layer. */
  readonly unknownLinks: Map<number, number>;
}

export class Capture {
  readonly counts: CaptureCounts = {
    packets: 0,
    tcp: 0,
    others: 0,
    fragments: 0,
    damaged: 0,
    unknownLinks: new Map(),
  };
  readonly #reader = new CaptureReader();
  readonly #tcp = new TcpPacket();
  readonly #conversations: Conversations;

  constructor(visit: CaptureVisitor, limits?: ConversationLimits) {
    this.#conversations = new Conversations(visit, limits);
  }

  /** Number of conversations so far. */
  get conversations(): number {
    return this.#conversations.count;
  }

  /** Takes a chunk of the file, which must not change before the next call. Throws CaptureError. */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk, this.#packet);
  }

  /**
   * Call this when the file is over. Ends all conversations, and then throws CaptureError if the file is
   * damaged or ended inside a packet. Call this after `push` has thrown as well, to get all events in front
   * of the damage.
   */
  end(): void {
    this.#conversations.end();
    this.#reader.end();
  }

  readonly #packet = ({ linkType, time, bytes, length }: Packet): void => {
    const { counts } = this;
    counts.packets++;
    const start = networkStart(linkType, bytes);
    if (start === UNKNOWN_LINK) {
      counts.unknownLinks.set(linkType, (counts.unknownLinks.get(linkType) ?? 0) + 1);
      return;
    }
    const problem = start < 0 ? 'otherProtocol' : this.#tcp.read(bytes, start, length);
    switch (problem) {
      case undefined:
        counts.tcp++;
        this.#conversations.add(this.#tcp, time);
        break;
      case 'otherProtocol':
        counts.others++;
        break;
      case 'fragment':
        counts.fragments++;
        break;
      case 'damaged':
        counts.damaged++;
        break;
    }
  };
}
