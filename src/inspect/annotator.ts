// Annotator is the entry of this room: it takes events of conversations and gives findings. This file is
// pure.
//
//   Capture, or pieces of another source ──▶ Annotator ──▶ a Track for each direction ──▶ findings
//
// Only the frames that are found show whether a direction carries the format at all.

import type { CaptureEvent, Conversation, SegmentEvent, Way } from '../capture/events.ts';
import type { Spots } from '../framing/codecs.ts';
import type { Finding, SummaryLine } from './lines.ts';
import { Profile } from './profile.ts';
import { LONG_HISTORY } from './seeker.ts';
import { Totals } from './totals.ts';
import { Track } from './track.ts';

export interface AnnotatorOptions {
  /**
   * Tells where frames lie: the same for all conversations, or a function that returns it for each
   * conversation.
   */
  readonly spots: Spots | ((conversation: Conversation) => Spots);
  /**
   * Function that returns whether the pieces of a conversation are real, which means that they are reads or
   * segments. The pieces of a file are not real: they say nothing about the sender.
   */
  readonly arePiecesReal: (conversation: Conversation) => boolean;
  /** Number of bytes from the start of a frame that a finding has in `bytes`. Default 0. */
  readonly shownLength?: number | undefined;
  /** Whether the bytes of segments never change, so that they are kept without a copy. Default false. */
  readonly areBytesLasting?: boolean | undefined;
  /** Direction that is inspected. Default: both. */
  readonly direction?: Way | undefined;
  /**
   * Maximum number of bytes that all directions hold together. When they hold more, the direction that holds
   * most is given up. Default 96 MiB.
   */
  readonly maxHeld?: number | undefined;
  readonly tell: (finding: Finding, conversation: Conversation) => void;
}

/**
 * Memory in bytes for frames that were read. All directions share it, but each direction gets at least
 * LEAST_HISTORY bytes.
 */
const HISTORY_BUDGET = 32 * 1024 * 1024;
const LEAST_HISTORY = 1024;
/** Default of `maxHeld`. Bytes of unfinished frames count, too. */
const MAX_HELD = 96 * 1024 * 1024;
/** Maximum number of profiles that are kept. There is one for each server port and direction. */
const MAX_PROFILES = 256;

export class Annotator {
  readonly #options: AnnotatorOptions;
  readonly #totals = new Totals();
  readonly #tracks = new Map<number, Map<Way, Track>>();
  #trackCount = 0;
  #heldLength = 0;
  readonly #profiles = new Map<string, Profile>();

  constructor(options: AnnotatorOptions) {
    this.#options = options;
  }

  /** Number of wrong frames so far. */
  get errors(): number {
    return this.#totals.errors;
  }

  /** Takes the next event of the source. Copies the bytes of a segment, unless they are lasting. */
  add(event: CaptureEvent): void {
    if (event.kind === 'open') {
      this.#totals.conversations++;
      return;
    }
    const { conversation, direction } = event;
    if ((this.#options.direction ?? direction) !== direction) {
      return;
    }
    switch (event.kind) {
      case 'segment':
        this.#piece(this.#track(conversation, direction), event);
        break;
      case 'gap':
        this.#gap(this.#track(conversation, direction), event.length);
        break;
      case 'conflict':
        this.#totals.conflicts++;
        break;
      case 'end':
        this.#end(conversation, direction, event.how);
        break;
    }
  }

  summary(): SummaryLine {
    return this.#totals.summary();
  }

  #piece(track: Track, { bytes, time }: SegmentEvent): void {
    const before = track.heldLength;
    const isLasting = this.#options.areBytesLasting === true;
    track.piece(isLasting ? plainView(bytes) : new Uint8Array(bytes), time);
    this.#heldLength += track.heldLength - before;
    const { maxHeld = MAX_HELD } = this.#options;
    if (this.#heldLength > maxHeld) {
      this.#abandonLargest(maxHeld);
    }
  }

  #gap(track: Track, length: number): void {
    const before = track.heldLength;
    track.gap(length);
    this.#heldLength += track.heldLength - before;
  }

  #abandonLargest(limit: number): void {
    const tracks = [...this.#tracks.values()].flatMap((both) => [...both.values()]);
    const [largest] = tracks.toSorted((one, other) => other.heldLength - one.heldLength);
    this.#heldLength -= largest?.heldLength ?? 0;
    largest?.abandon(limit);
  }

  readonly #historyLength = (): number =>
    Math.max(LEAST_HISTORY, Math.min(LONG_HISTORY, HISTORY_BUDGET / this.#trackCount));

  #track(conversation: Conversation, direction: Way): Track {
    let tracks = this.#tracks.get(conversation.index);
    if (tracks === undefined) {
      tracks = new Map();
      this.#tracks.set(conversation.index, tracks);
    }
    let track = tracks.get(direction);
    if (track === undefined) {
      const { spots, arePiecesReal, shownLength = 0, tell } = this.#options;
      const context = {
        spots: typeof spots === 'function' ? spots(conversation) : spots,
        arePiecesReal: arePiecesReal(conversation),
        shownLength,
        conversation: conversation.name,
        direction,
        profile: this.#profile(`${conversation.serverPort} ${direction}`),
        totals: this.#totals,
        historyLength: this.#historyLength,
        tell: (finding: Finding) => tell(finding, conversation),
      };
      track = new Track(context, conversation.isMidStream);
      tracks.set(direction, track);
      this.#trackCount++;
    }
    return track;
  }

  #end({ index }: Conversation, direction: Way, how: 'fin' | 'reset' | 'open'): void {
    const tracks = this.#tracks.get(index);
    const track = tracks?.get(direction);
    if (track !== undefined) {
      this.#heldLength -= track.heldLength;
      track.end(how);
      tracks?.delete(direction);
      this.#trackCount--;
    }
    if (tracks?.size === 0) {
      this.#tracks.delete(index);
    }
  }

  #profile(key: string): Profile {
    const known = this.#profiles.get(key);
    if (known !== undefined) {
      return known;
    }
    const profile = new Profile();
    if (this.#profiles.size < MAX_PROFILES) {
      this.#profiles.set(key, profile);
    }
    return profile;
  }
}

/** The same bytes as a plain array: a part of it is made faster than a part of a Buffer. */
function plainView({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
