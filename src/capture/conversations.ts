// All TCP conversations of a capture. Finds the conversation of each packet, and ends conversations that are
// over.
//
// Rules:
// - If a SYN comes on the endpoints of a known conversation with another sequence number, it begins a new
//   conversation. A SYN with the same number is a retransmission.
// - Memory is limited. If there are more than `maxConversations`, the conversation that was silent for
//   longest ends. If more than `maxWaiting` bytes wait, a hole of the current conversation becomes a gap.
// - A conversation that is over stays known, so that late packets begin no new conversation.

import { endpointText } from './addresses.ts';
import type { CaptureVisitor, Conversation, Way } from './events.ts';
import { HalfStream } from './half-stream.ts';
import { History } from './history.ts';
import { ACK, FIN, RST, SYN } from './tcp-packet.ts';
import type { TcpPacket } from './tcp-packet.ts';

export interface ConversationLimits {
  /** Maximum number of conversations that are followed at the same time. */
  readonly maxConversations: number;
  /**
   * Maximum number of bytes that wait behind holes, in all conversations together. One direction may hold at
   * most a quarter of it.
   */
  readonly maxWaiting: number;
}

const CONVERSATION_LIMITS: ConversationLimits = {
  maxConversations: 16_384,
  maxWaiting: 16 * 1024 * 1024,
};
/** Divisor of `maxWaiting`. The result is the maximum for one direction. */
const SHARE = 4;

interface Followed {
  readonly about: Conversation;
  /** Whether the client is the endpoint that sorts first. */
  readonly isFirstClient: boolean;
  readonly toServer: HalfStream;
  readonly toClient: HalfStream;
  readonly ended: Set<Way>;
  wasReset: boolean;
}

export class Conversations {
  readonly #visit: CaptureVisitor;
  readonly #limits: ConversationLimits;
  readonly #history = new History();
  /** Conversations by their endpoints. The map has the conversation first that was silent for longest. */
  readonly #known = new Map<string, Followed>();
  #count = 0;
  #waitingLength = 0;
  #time: number | undefined;

  constructor(visit: CaptureVisitor, limits: ConversationLimits = CONVERSATION_LIMITS) {
    this.#visit = visit;
    this.#limits = limits;
  }

  /** Number of conversations so far. */
  get count(): number {
    return this.#count;
  }

  add(packet: TcpPacket, time: number | undefined): void {
    this.#time = time;
    const isFirst = isSourceFirst(packet);
    const key = keyOf(packet, isFirst);
    let followed = this.#known.get(key);
    if (followed !== undefined && beginsAnew(followed, packet, isFirst)) {
      this.#close(followed);
      followed = undefined;
    }
    followed ??= this.#open(packet, isFirst);
    // Remove the conversation and set it again, so that it comes last in the map.
    this.#known.delete(key);
    this.#known.set(key, followed);
    this.#feed(followed, packet, isFirst === followed.isFirstClient);
    this.#limit();
  }

  /** Ends all conversations, because the capture is over. */
  end(): void {
    for (const followed of this.#known.values()) {
      this.#close(followed);
    }
    this.#known.clear();
  }

  #feed(followed: Followed, packet: TcpPacket, isClient: boolean): void {
    const own = isClient ? followed.toServer : followed.toClient;
    const other = isClient ? followed.toClient : followed.toServer;
    const waited = own.waitingLength + other.waitingLength;
    let { sequence } = packet;
    if (packet.has(SYN)) {
      own.synchronise(sequence);
      sequence = (sequence + 1) >>> 0;
    }
    // Ignore the acknowledgement of a RST, which may be any number.
    if (packet.has(ACK) && !packet.has(RST)) {
      if (packet.has(SYN) && !other.hasStarted) {
        other.start(packet.acknowledged);
      }
      other.acknowledge(packet.acknowledged);
    }
    if (!own.hasStarted && !packet.has(RST)) {
      own.start(sequence, packet.payloadLength === 0 && !packet.has(SYN));
    }
    this.#take(own, packet, sequence);
    followed.wasReset ||= packet.has(RST);
    this.#waitingLength += own.waitingLength + other.waitingLength - waited;
    this.#boundWaiting(own);
    if (own.isComplete) {
      this.#end(followed, isClient ? 'a>b' : 'b>a');
    }
    if (other.isComplete) {
      this.#end(followed, isClient ? 'b>a' : 'a>b');
    }
  }

  #take(own: HalfStream, packet: TcpPacket, sequence: number): void {
    const { payloadStart, payloadEnd, payloadLength, bytes } = packet;
    // Drop the payload of a RST. Some systems put an explanation there, which does not belong to the stream.
    if (payloadLength > 0 && !packet.has(RST)) {
      own.accept(sequence, {
        bytes: bytes.subarray(payloadStart, payloadEnd),
        length: payloadLength,
        time: this.#time,
      });
    }
    if (packet.has(FIN) && !packet.has(RST)) {
      own.finish((sequence + payloadLength) >>> 0);
    }
  }

  #boundWaiting(own: HalfStream): void {
    const { maxWaiting } = this.#limits;
    const isTooMuch = (): boolean =>
      own.waitingLength > maxWaiting / SHARE ||
      (this.#waitingLength > maxWaiting && own.waitingLength > 0);
    while (isTooMuch()) {
      const before = own.waitingLength;
      own.giveUpHole();
      this.#waitingLength += own.waitingLength - before;
    }
  }

  #limit(): void {
    if (this.#known.size > this.#limits.maxConversations) {
      for (const [key, followed] of this.#known) {
        this.#known.delete(key);
        this.#close(followed);
        return;
      }
    }
  }

  #open(packet: TcpPacket, isFirst: boolean): Followed {
    const isClient = isFromClient(packet);
    const source = endpointText(addressOf(packet, packet.sourceAt), packet.sourcePort);
    const destination = endpointText(
      addressOf(packet, packet.destinationAt),
      packet.destinationPort,
    );
    const [client, server] = isClient ? [source, destination] : [destination, source];
    const { sourcePort, destinationPort } = packet;
    const about: Conversation = {
      index: this.#count,
      name: `${client}>${server}`,
      client,
      server,
      clientPort: isClient ? sourcePort : destinationPort,
      serverPort: isClient ? destinationPort : sourcePort,
      isMidStream: !packet.has(SYN),
    };
    this.#count++;
    this.#visit({ kind: 'open', conversation: about, time: this.#time });
    return {
      about,
      isFirstClient: isFirst === isClient,
      toServer: this.#half(about, 'a>b'),
      toClient: this.#half(about, 'b>a'),
      ended: new Set(),
      wasReset: false,
    };
  }

  #half(conversation: Conversation, direction: Way): HalfStream {
    const place = { conversation, direction };
    const visit = this.#visit;
    return new HalfStream(
      {
        segment: (offset, bytes, time) => {
          visit({ kind: 'segment', ...place, time, offset, bytes });
        },
        gap: (offset, length, why) => {
          visit({ kind: 'gap', ...place, time: this.#time, offset, length, why });
        },
        conflict: (offset, length) => {
          visit({ kind: 'conflict', ...place, time: this.#time, offset, length });
        },
      },
      this.#history,
    );
  }

  #close(followed: Followed): void {
    const { toServer, toClient } = followed;
    this.#waitingLength -= toServer.waitingLength + toClient.waitingLength;
    toServer.close();
    toClient.close();
    this.#end(followed, 'a>b');
    this.#end(followed, 'b>a');
  }

  #end({ about, ended, toServer, toClient, wasReset }: Followed, direction: Way): void {
    if (ended.has(direction)) {
      return;
    }
    ended.add(direction);
    const { finAt } = direction === 'a>b' ? toServer : toClient;
    const how = finAt !== undefined ? 'fin' : wasReset ? 'reset' : 'open';
    this.#visit({ kind: 'end', conversation: about, direction, time: this.#time, how });
  }
}

/** Returns whether a packet begins another conversation between the same endpoints. */
function beginsAnew(followed: Followed, packet: TcpPacket, isFirst: boolean): boolean {
  if (!packet.has(SYN)) {
    return false;
  }
  const isClient = isFirst === followed.isFirstClient;
  const own = isClient ? followed.toServer : followed.toClient;
  const other = isClient ? followed.toClient : followed.toServer;
  const answered = packet.has(ACK) ? (packet.acknowledged - 1) >>> 0 : undefined;
  // The same SYN again, or a second answer to a SYN, begins no conversation. The server, or a device between
  // the two sides, may answer twice. The client then acknowledges the answer that counts.
  if (own.initial === packet.sequence || (answered !== undefined && answered === other.initial)) {
    return false;
  }
  // If this is the first SYN of this side, and neither side has sent a byte, the SYN belongs to this
  // conversation: both sides open the connection at once.
  return own.initial !== undefined || !followed.toServer.isEmpty || !followed.toClient.isEmpty;
}

/**
 * Returns whether the source of a packet is the client. Without a SYN, the client is probably the side with
 * the larger port.
 */
function isFromClient(packet: TcpPacket): boolean {
  if (packet.has(SYN)) {
    return !packet.has(ACK);
  }
  return packet.sourcePort >= packet.destinationPort;
}

/**
 * Returns whether the source sorts before the destination. Both directions use the same order of endpoints.
 */
function isSourceFirst(packet: TcpPacket): boolean {
  const { bytes, sourceAt, destinationAt, addressLength, sourcePort, destinationPort } = packet;
  if (sourcePort !== destinationPort) {
    return sourcePort < destinationPort;
  }
  for (let i = 0; i < addressLength; i++) {
    const difference = (bytes[sourceAt + i] ?? 0) - (bytes[destinationAt + i] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return true;
}

/**
 * Returns a string for the two endpoints that is the same for both directions. Each character is a port, or
 * two bytes of an address.
 */
function keyOf(packet: TcpPacket, isFirst: boolean): string {
  const { bytes, sourceAt, destinationAt, addressLength, sourcePort, destinationPort } = packet;
  const [one, other] = isFirst ? [sourceAt, destinationAt] : [destinationAt, sourceAt];
  let key = isFirst
    ? String.fromCharCode(sourcePort, destinationPort)
    : String.fromCharCode(destinationPort, sourcePort);
  for (const start of [one, other]) {
    for (let i = start; i < start + addressLength; i += 2) {
      key += String.fromCharCode(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
    }
  }
  return key;
}

function addressOf({ bytes, addressLength }: TcpPacket, at: number): Uint8Array {
  return bytes.subarray(at, at + addressLength);
}
