// Gathers the streams of conversations for a guess, from the events of a capture. It keeps each stream up to
// a limit.

import type { CaptureEvent, Conversation, Way } from '../capture/events.ts';
import type { GuessStream } from './stream.ts';

/** A conversation, and the part of it that was kept. */
export interface Collected {
  readonly conversation: Conversation;
  /** Streams with at least one byte. */
  readonly streams: readonly GuessStream[];
}

interface Track {
  readonly chunks: Uint8Array[];
  readonly ends: number[];
  length: number;
  /**
   * Whether further bytes are dropped: the stream has its maximum length, or a gap has come behind known
   * bytes. (The bytes behind a gap do not continue the stream.)
   */
  isOver: boolean;
}

interface Entry {
  readonly conversation: Conversation;
  readonly tracks: Readonly<Record<Way, Track>>;
}

/** Maximum number of bytes of each stream that a guess looks at, unless a person wants another number. */
export const GUESSED_LENGTH: number = 65_536;
/**
 * Maximum number of conversations that are kept. Further conversations are only counted, because the memory
 * must not grow with the file.
 */
const MAX_CONVERSATIONS = 1000;

export class StreamCollector {
  readonly #maxLength: number;
  readonly #entries = new Map<number, Entry>();
  #dropped = 0;

  /** `maxLength` is the maximum number of bytes that are kept of each stream. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Number of conversations beyond MAX_CONVERSATIONS, which were not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  readonly add = (event: CaptureEvent): void => {
    const { conversation } = event;
    if (event.kind === 'open') {
      this.#open(conversation);
      return;
    }
    const track = this.#entries.get(conversation.index)?.tracks[event.direction];
    if (track === undefined || track.isOver) {
      return;
    }
    if (event.kind === 'segment') {
      this.#keep(track, event.bytes);
    } else if (event.kind === 'gap') {
      // A gap in front of the first known byte does no harm. A gap behind known bytes ends the stream.
      track.isOver = track.length > 0;
    }
  };

  #open(conversation: Conversation): void {
    if (this.#entries.size >= MAX_CONVERSATIONS) {
      this.#dropped++;
      return;
    }
    const tracks = { 'a>b': newTrack(), 'b>a': newTrack() };
    this.#entries.set(conversation.index, { conversation, tracks });
  }

  #keep(track: Track, bytes: Uint8Array): void {
    const part = bytes.slice(0, this.#maxLength - track.length);
    track.chunks.push(part);
    track.length += part.length;
    track.isOver = track.length >= this.#maxLength;
    if (part.length === bytes.length) {
      track.ends.push(track.length);
    }
  }

  /** Returns the conversations in their order, without empty ones. */
  collected(): Collected[] {
    return [...this.#entries.values()].flatMap(({ conversation, tracks }) => {
      const streams = (['a>b', 'b>a'] as const).flatMap((direction) => {
        const { chunks, ends, length } = tracks[direction];
        const cuts = conversation.isCut === false ? {} : { ends };
        return length === 0 ? [] : [{ direction, bytes: joined(chunks, length), ...cuts }];
      });
      return streams.length === 0 ? [] : [{ conversation, streams }];
    });
  }
}

function newTrack(): Track {
  return { chunks: [], ends: [], length: 0, isOver: false };
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
