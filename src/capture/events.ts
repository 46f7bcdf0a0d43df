// The events of a capture about its TCP conversations, in the order of its packets.
//
// The stream of a direction consists of segments and gaps. Their offsets count from 0, and each one begins
// where the one before it ends. A gap stands for bytes that the capture does not have.

/**
 * Direction of a stream. 'a>b': from the client, which is the side that connected. 'b>a': from the server.
 */
export type Way = 'a>b' | 'b>a';

export interface Conversation {
  /** Number of the conversation in the capture, from 0. */
  readonly index: number;
  /**
   * Name: `a.b.c.d:port>e.f.g.h:port` with the client first, and IPv6 addresses in brackets. Bytes that come
   * from no connection have the name of their source, such as a file.
   */
  readonly name: string;
  readonly client: string;
  readonly server: string;
  readonly clientPort: number;
  readonly serverPort: number;
  /**
   * Whether the start of the conversation is missing in the capture. If it is, the side with the larger port
   * counts as the client.
   */
  readonly isMidStream: boolean;
  /**
   * Whether the segments are reads or packets. It is false for the pieces of a file, which say nothing about
   * a sender. Default true.
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
  /** The bytes of the segment. They are valid only during the visit. */
  readonly bytes: Uint8Array;
}

export interface GapEvent extends Place {
  readonly kind: 'gap';
  readonly offset: number;
  readonly length: number;
  /** Why the bytes are missing. 'lost': no packet of the capture has them. 'cut': a snaplen cut them off. */
  readonly why: 'lost' | 'cut';
}

/** A retransmission whose bytes differ from the first transmission. The bytes that came first count. */
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
   * How the direction ended. 'fin' and 'reset' are those of TCP. 'open': the capture was over, too many
   * conversations were followed, or the endpoints began a new conversation.
   */
  readonly how: 'fin' | 'reset' | 'open';
}

export type CaptureEvent = OpenEvent | SegmentEvent | GapEvent | ConflictEvent | EndEvent;

export type CaptureVisitor = (event: CaptureEvent) => void;
