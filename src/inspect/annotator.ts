// The front door: events of conversations in, findings out. Pure.
//
//   Capture, or pieces of another source ──▶ Annotator ──▶ a Track for each direction ──▶ findings
//
// A direction that carries the frames of the format is told from one that does not by the frames alone.

import type { CaptureEvent, Conversation, Way } from '../capture/events.ts';
import type { Spots } from '../framing/codecs.ts';
import type { Finding, SummaryLine } from './lines.ts';
import { Profile } from './profile.ts';
import { Totals } from './totals.ts';
import { Track } from './track.ts';

export interface AnnotatorOptions {
  /** How to see where frames lie. */
  readonly spots: Spots;
  /** Whether pieces are reads or segments. The pieces of a file say nothing, so they are not real. */
  readonly arePiecesReal: boolean;
  /** Number of bytes at the start of each frame that a finding has. Default 0. */
  readonly shownLength?: number | undefined;
  /** Direction that is inspected. Default: both. */
  readonly direction?: Way | undefined;
  readonly tell: (finding: Finding, conversation: Conversation) => void;
}

/** Number of ports whose frames are remembered. */
const MAX_PROFILES = 256;

export class Annotator {
  readonly #options: AnnotatorOptions;
  readonly #totals = new Totals();
  readonly #tracks = new Map<number, Map<Way, Track>>();
  readonly #profiles = new Map<string, Profile>();

  constructor(options: AnnotatorOptions) {
    this.#options = options;
  }

  /** Number of wrong frames so far. */
  get errors(): number {
    return this.#totals.errors;
  }

  /** Takes the next event of the source. Copies the bytes of a segment. */
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
        this.#track(conversation, direction).piece(new Uint8Array(event.bytes), event.time);
        break;
      case 'gap':
        this.#track(conversation, direction).gap(event.length);
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
        spots,
        arePiecesReal,
        shownLength,
        conversation: conversation.name,
        direction,
        profile: this.#profile(`${conversation.serverPort} ${direction}`),
        totals: this.#totals,
        tell: (finding: Finding) => tell(finding, conversation),
      };
      track = new Track(context, conversation.isMidStream);
      tracks.set(direction, track);
    }
    return track;
  }

  #end({ index }: Conversation, direction: Way, how: 'fin' | 'reset' | 'open'): void {
    const tracks = this.#tracks.get(index);
    tracks?.get(direction)?.end(how);
    tracks?.delete(direction);
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
