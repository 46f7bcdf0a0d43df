// What a capture says about its TCP conversations, in the order of its packets.
//
// The stream of a direction is all that comes with its offsets, from 0: segments and gaps, without a hole
// between them. A gap is bytes that the capture does not have.

/** `a>b`: from the one who connected. */
export type Way = 'a>b' | 'b>a';

export interface Conversation {
  /** Number of the conversation in the capture, from 0. */
  readonly index: number;
  /** `a.b.c.d:port>e.f.g.h:port`, from the one who connected. */
  readonly name: string;
  readonly client: string;
  readonly server: string;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Whether the capture has no start of it. Who connected is then a guess: the one with the larger port. */
  readonly isMidStream: boolean;
  /**
   * Whether the pieces are reads or packets. False for the pieces of a file, which say nothing of a sender.
   * Default true.
   */
  readonly isCut?: boolean;
}

interface Place {
  readonly conversation: Conversation;
  readonly direction: Way;
  /** Time in ms since 1970. */
  readonly time: number | undefined;
}

export interface SegmentEvent extends Place {
  readonly kind: 'segment';
  readonly offset: number;
  /** Valid only during the visit. */
  readonly bytes: Uint8Array;
}

export interface GapEvent extends Place {
  readonly kind: 'gap';
  readonly offset: number;
  readonly length: number;
  /** 'lost': no packet has them. 'cut': a snaplen cut them off. */
  readonly why: 'lost' | 'cut';
}

/** A retransmission that has other bytes than the first transmission. The first ones count. */
export interface ConflictEvent extends Place {
  readonly kind: 'conflict';
  readonly offset: number;
  readonly length: number;
}

export interface OpenEvent {
  readonly kind: 'open';
  readonly conversation: Conversation;
  readonly time: number | undefined;
}

export interface EndEvent extends Place {
  readonly kind: 'end';
  /**
   * How the direction ended. 'fin' and 'reset': as in TCP. 'open': the capture was over, its memory was full,
   * or the ports were reused.
   */
  readonly how: 'fin' | 'reset' | 'open';
}

export type CaptureEvent = OpenEvent | SegmentEvent | GapEvent | ConflictEvent | EndEvent;

export type CaptureVisitor = (event: CaptureEvent) => void;
