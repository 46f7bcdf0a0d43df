// One direction of one conversation: finds its frames and compares them with its pieces.
//
//              an error; a gap                        nothing found
//   ┌────────┐ ───────────────▶ ┌────────┐ ──────────────────────────▶ ┌──────┐
//   │ Follow │                  │ Search │                             │ Lost │
//   └────────┘ ◀─ frames again─ └────────┘ ◀── more bytes, some times ─ └──────┘
//                                    ▲ a start in the middle
//
// Rules:
// - A search waits for a window of bytes, or for the end. Each search begins where the search before it
//   ended, so the searches come to an end.
// - A frame is reported as soon as it is whole. So frames that a wrong length has made of later bytes are
//   reported until the error shows. The error then names the frame with the wrong length as the suspect.
// - The end of a capture inside a frame is no error. The end of the stream inside a frame is an error.
// - Memory holds the unfinished frame, a window, and a few earlier frames.

import type { EndEvent, Way } from '../capture/events.ts';
import type { Spots } from '../framing/codecs.ts';
import { FrameScanner } from '../framing/frame-scanner.ts';
import type { FramePlace } from '../framing/frame-scanner.ts';
import { Stickiness } from './cuts.ts';
import { Doubts } from './doubts.ts';
import { foundFrame, unfinishedFrame, wrongFrame } from './found-frame.ts';
import type { RecentFrame, Whereabouts } from './found-frame.ts';
import type { Finding } from './lines.ts';
import { HEAD_LENGTH, LEARNING_DELAY } from './profile.ts';
import type { Profile } from './profile.ts';
import {
  doubtedFrames,
  LONG_HISTORY,
  MAX_WINDOW,
  reachOf,
  searchedFrom,
  Seeker,
  WINDOW,
  wrongOf,
} from './seeker.ts';
import type { Found, Quest, Wrong } from './seeker.ts';
import { Tape } from './tape.ts';
import type { Totals } from './totals.ts';
import { quantity } from '../text.ts';

export interface TrackContext {
  readonly spots: Spots;
  readonly conversation: string;
  readonly direction: Way;
  /** Profile of the frames of this direction. Conversations with the same server port share it. */
  readonly profile: Profile;
  readonly totals: Totals;
  /** Whether pieces are reads or segments, so that they show where frames may begin. */
  readonly arePiecesReal: boolean;
  /** Number of bytes from the start of each frame that are reported. */
  readonly shownLength: number;
  /** Returns the number of bytes of read frames that are kept. With many directions it is smaller. */
  readonly historyLength: () => number;
  readonly tell: (finding: Finding) => void;
}

const WINDOW_GROWTH = 4;
/**
 * Number of pieces that are enough for a first search, whatever their length. A further search needs
 * WINDOW_GROWTH times as many more, or a longer window.
 */
const ENOUGH_PIECES = 24;
/** Maximum number of frames before an error that can be the suspect. */
const MAX_RECENT = 64;
/** Number of searched windows without a frame after which a direction stays lost. */
const MAX_ATTEMPTS = 4;
/**
 * MANY_ERRORS: number of errors from which on the direction is hopeless, if it has fewer than
 * FRAMES_PER_ERROR good frames for each error.
 */
const MANY_ERRORS = 8;
const FRAMES_PER_ERROR = 4;
/**
 * Minimum worth in bits of frames that are found inside the last frame, if the last frame may just be
 * unfinished.
 */
const HIDDEN_BITS = 30;
/** Worth in bits of frames from which on a search does not wait for more bytes. */
const SURE_BITS = 30;
/**
 * Maximum length in bytes of a gap that is filled with zeros. The filling shows where a frame that reaches
 * across the gap ends.
 */
const MAX_FILLED = 1024 * 1024;

export class Track {
  readonly #context: TrackContext;
  readonly #tape = new Tape();
  readonly #seeker: Seeker;
  #scanner: FrameScanner | undefined;
  /** Offset of the first byte that the scanner got. */
  #base = 0;
  /**
   * Offset at which the next frame is expected: the end of the last frame, or the place where frames go on
   * behind an error.
   */
  #boundary = 0;
  #frame = 0;
  #errors = 0;
  #recent: RecentFrame[] = [];
  readonly #doubts = new Doubts();
  #quest: Quest | undefined;
  /** Scanner that reads on across a gap. It shows where the frame that the gap lies in ends. */
  #across: FrameScanner | undefined;
  /**
   * Offset at which the direction was lost. It is `undefined` while the direction is not lost. `#attempts`
   * counts the windows that were searched without result.
   */
  #lostAt: number | undefined;
  #attempts = 0;
  readonly #stickiness = new Stickiness();

  constructor(context: TrackContext, isMidStream: boolean) {
    this.#context = context;
    this.#seeker = new Seeker(context, this.#tape);
    if (isMidStream) {
      this.#search(undefined, []);
    } else {
      this.#scanner = new FrameScanner(context.spots);
    }
  }

  /** Takes a piece, which must not change any more. */
  piece(bytes: Uint8Array, time: number | undefined): void {
    this.#tape.append(bytes, time);
    this.#context.totals.piece(bytes.length, time);
    this.#doubts.piece();
    if (this.#quest === undefined) {
      this.#scan(bytes);
      this.#trySearch(false);
      this.#doubt();
    } else {
      this.#quest.pieces++;
      this.#readAcross(bytes);
    }
    this.#trySearch(false);
    this.#forget();
  }

  /** Number of bytes that this direction holds. */
  get heldLength(): number {
    return this.#tape.end - this.#tape.start;
  }

  /** Gives up this direction, because its unfinished frame takes too much memory. */
  abandon(limit: number): void {
    const place = { frame: this.#frame, offset: this.#boundary };
    const message = `The frame is not finished after ${quantity(this.heldLength, 'byte')}; the limit for all directions together is ${limit}.`;
    this.#errors++;
    this.#tellWrong({ ...place, code: 'ERR_FRAME_TOO_LARGE', message }, { back: 0 });
    this.#lostAt ??= this.#boundary;
    this.#scanner = undefined;
    this.#quest = undefined;
    this.#tape.forget(this.#tape.end);
  }

  /** Takes a gap: `length` bytes that the capture does not have. */
  gap(length: number): void {
    this.#trySearch(true);
    const offset = this.#tape.end;
    this.#tell({ kind: 'gap', ...this.#place, offset, length, why: 'lost' });
    const isFillable = this.#scanner !== undefined && length <= MAX_FILLED;
    this.#across = isFillable ? this.#scanner : undefined;
    this.#leaveLost();
    this.#tape.skip(length);
    this.#recent = [];
    this.#search(undefined, []);
    this.#readAcross(new Uint8Array(isFillable ? length : 0));
  }

  end(how: EndEvent['how']): void {
    for (let goesOn = true; goesOn;) {
      if (this.#quest === undefined) {
        goesOn = this.#scanner !== undefined && this.#endFollowing(how);
      } else {
        this.#trySearch(true);
      }
    }
    this.#leaveLost();
  }

  get #place(): Whereabouts {
    const { conversation, direction } = this.#context;
    return { conversation, direction };
  }

  #tell(finding: Finding): void {
    this.#context.totals.count(finding);
    this.#context.tell(finding);
  }

  #scan(bytes: Uint8Array): void {
    try {
      this.#scanner?.push(bytes, this.#found);
    } catch (error) {
      this.#broken(error);
    }
  }

  readonly #found = (place: FramePlace): void => {
    const { shownLength, arePiecesReal } = this.#context;
    const offset = this.#base + place.start;
    const end = this.#base + place.end;
    if (offset > this.#boundary) {
      // A custom codec has searched for the frame itself, and has skipped these bytes.
      this.#noise(this.#boundary, offset);
    }
    const pieces = this.#tape.piecesIn(offset, end);
    const [first, last] = [pieces[0], pieces.at(-1)];
    if (arePiecesReal && this.#stickiness.isSticky(first, last)) {
      this.#context.totals.sticky++;
    }
    const bytes = this.#tape.read(offset, Math.min(end, offset + shownLength));
    const lying = { frame: this.#frame, base: this.#base, pieces, arePiecesReal, bytes };
    this.#tell(foundFrame(this.#place, place, lying));
    this.#frame++;
    this.#boundary = end;
    const head = this.#tape.read(offset, Math.min(end, offset + HEAD_LENGTH));
    const isPieceStart = first?.offset === offset;
    this.#recent.push({ start: offset, length: end - offset, head, isPieceStart });
    const isInside = arePiecesReal && first !== undefined && !isPieceStart;
    this.#doubts.frame(this.#context.profile.isStrange(head), isInside);
    this.#learn();
  };

  /**
   * Searches if frames are doubted. If another chain of frames is worth far more, the frames after the suspect
   * were false.
   */
  #doubt(): void {
    const { profile } = this.#context;
    const isFollowing = this.#scanner !== undefined && !this.#isHopeless;
    const doubt = isFollowing ? this.#doubts.take(profile) : undefined;
    if (doubt === undefined) {
      return;
    }
    const read = [...this.#recent.map(({ start }) => start), this.#boundary];
    const wrong = doubtedFrames(doubt, { frame: this.#frame, offset: this.#boundary });
    const quest = this.#seeker.questOf(wrong, read, true);
    const found = this.#seeker.run(quest, false);
    if (found === undefined || found.back === 0) {
      profile.vain[doubt.kind]++;
    } else {
      this.#frame++;
      this.#errors++;
      this.#recent = [];
      this.#resume(quest, found);
    }
  }

  /**
   * Lets the profile learn from a frame once LEARNING_DELAY frames have followed it: after a false frame
   * there would soon be an error.
   */
  #learn(): void {
    const good = this.#recent.at(-1 - LEARNING_DELAY);
    if (good !== undefined) {
      this.#context.profile.learn(good.head, good.length, good.isPieceStart);
    }
    if (this.#recent.length > MAX_RECENT) {
      this.#recent.shift();
    }
  }

  #broken(error: unknown): void {
    const read = [...this.#recent.map(({ start }) => start), this.#boundary];
    const wrong = wrongOf(error, { frame: this.#frame, offset: this.#boundary });
    this.#frame++;
    this.#errors++;
    this.#recent = [];
    this.#scanner = undefined;
    this.#search(wrong, read);
  }

  #search(wrong: Wrong | undefined, read: readonly number[]): void {
    this.#scanner = undefined;
    this.#doubts.reset();
    this.#quest = this.#seeker.questOf(wrong, read, false);
  }

  /**
   * Searches while enough bytes or pieces have come, or if this is the end. It is a loop: frames that go on
   * behind one error soon lead to the next error in a stream with many.
   */
  #trySearch(isEnd: boolean): void {
    for (let quest = this.#quest; quest !== undefined; quest = this.#quest) {
      const length = this.#tape.end - searchedFrom(quest);
      const isEnough = length >= quest.windowLength || quest.pieces >= ENOUGH_PIECES;
      if (!isEnough && !isEnd) {
        return;
      }
      this.#searchOnce(quest, isEnd, isEnd && length <= reachOf(quest));
    }
  }

  /** Searches in one window. `isLast` says whether the stream ends where the window ends. */
  #searchOnce(quest: Quest, isEnd: boolean, isLast: boolean): void {
    const found = this.#isHopeless ? undefined : this.#seeker.find(quest, isLast);
    const canWait = !isLast && quest.windowLength < MAX_WINDOW;
    if (found !== undefined && (!canWait || found.bits >= SURE_BITS)) {
      this.#resume(quest, found);
    } else if (canWait) {
      quest.windowLength *= WINDOW_GROWTH;
      quest.pieces = -ENOUGH_PIECES * WINDOW_GROWTH;
    } else {
      this.#giveUp(quest, isEnd);
    }
  }

  /**
   * Whether too many frames are wrong. If so, the stream has another format, and a search after each error is
   * useless.
   */
  get #isHopeless(): boolean {
    return this.#errors >= MANY_ERRORS && this.#frame < this.#errors * (FRAMES_PER_ERROR + 1);
  }

  #resume({ wrong, from, hint }: Quest, { goodAgainAt, back }: Found): void {
    if (wrong !== undefined) {
      this.#tellWrong(wrong, { back, goodAgainAt });
      this.#noise(wrong.offset, goodAgainAt);
    } else if (goodAgainAt !== hint) {
      this.#noise(this.#lostAt ?? from, goodAgainAt);
    }
    this.#lostAt = undefined;
    this.#attempts = 0;
    this.#follow(goodAgainAt);
  }

  #follow(offset: number): void {
    this.#quest = undefined;
    this.#across = undefined;
    this.#base = offset;
    this.#boundary = offset;
    this.#scanner = new FrameScanner(this.#context.spots);
    this.#scan(this.#tape.read(offset, this.#tape.end));
  }

  #giveUp(quest: Quest, isEnd: boolean): void {
    const { wrong, from, hint } = quest;
    if (wrong !== undefined) {
      this.#tellWrong(wrong, { back: this.#seeker.suspectIn(quest) });
    } else if (isEnd && this.#lostAt === undefined && (hint !== undefined || this.#frame === 0)) {
      // Too few bytes have come to be sure. Go on at the hint, or otherwise at the first byte: a capture that
      // begins in the middle of a stream begins with a packet, and a packet often begins with a frame.
      this.#follow(hint ?? from);
      return;
    }
    this.#lostAt ??= wrong?.offset ?? from;
    this.#attempts++;
    this.#quest = undefined;
    if (!isEnd && !this.#isHopeless && this.#attempts < MAX_ATTEMPTS) {
      this.#search(undefined, []);
    }
  }

  /** Reports all bytes since the direction was lost as noise. */
  #leaveLost(): void {
    if (this.#lostAt !== undefined) {
      this.#noise(this.#lostAt, this.#tape.end);
      this.#lostAt = undefined;
    }
  }

  #noise(offset: number, end: number): void {
    if (end > offset) {
      const length = end - offset;
      this.#tell({ kind: 'gap', ...this.#place, offset, length, why: 'noise' });
    }
  }

  #tellWrong(wrong: Wrong, found: Parameters<typeof wrongFrame>[2]): void {
    this.#tell(wrongFrame(this.#place, wrong, found));
  }

  #readAcross(bytes: Uint8Array): void {
    const gapEnd = this.#quest?.from ?? 0;
    try {
      this.#across?.push(bytes, ({ start, end }) => {
        const isBroken = this.#base + start < gapEnd && this.#base + end >= gapEnd;
        if (this.#quest !== undefined && isBroken) {
          this.#quest.hint = this.#base + end;
        }
        this.#across = undefined;
      });
    } catch {
      this.#across = undefined;
    }
  }

  /** Ends the scanner. Returns true if a search found more frames, so that scanning goes on. */
  #endFollowing(how: EndEvent['how']): boolean {
    try {
      this.#scanner?.end(this.#found);
      this.#scanner = undefined;
      return false;
    } catch (error) {
      return this.#endInside(error, how);
    }
  }

  #endInside(error: unknown, how: EndEvent['how']): boolean {
    const wrong = wrongOf(error, { frame: this.#frame, offset: this.#boundary });
    const isUnfinished = how === 'open' && wrong.code === 'ERR_FRAME_TRUNCATED';
    if (isUnfinished && this.#tape.end - this.#boundary < 2 * this.#context.profile.meanLength) {
      this.#tellUnfinished(error);
      return false;
    }
    const read = [...this.#recent.map(({ start }) => start), this.#boundary];
    const quest = this.#seeker.questOf(wrong, read, false);
    quest.windowLength = MAX_WINDOW;
    this.#scanner = undefined;
    const found = this.#isHopeless ? undefined : this.#seeker.run(quest, true);
    const least = how === 'open' ? HIDDEN_BITS : 0;
    if (found !== undefined && found.bits >= least) {
      this.#frame++;
      this.#errors++;
      this.#recent = [];
      this.#resume(quest, found);
      return true;
    }
    if (isUnfinished) {
      this.#tellUnfinished(error);
    } else {
      this.#tellWrong(wrong, { back: this.#seeker.suspectIn(quest) });
    }
    return false;
  }

  #tellUnfinished(error: unknown): void {
    const offset = this.#boundary;
    const received = this.#tape.end - offset;
    const cut = { frame: this.#frame, offset, received };
    this.#tell(unfinishedFrame(this.#place, cut, error));
  }

  /**
   * Forgets bytes that are no longer needed. Keeps the unfinished frame, some earlier frames, and the bytes
   * in which a search looks.
   */
  #forget(): void {
    const tape = this.#tape;
    if (this.#quest !== undefined) {
      tape.forget(Math.max(this.#quest.from, tape.end - LONG_HISTORY - MAX_WINDOW - WINDOW));
      return;
    }
    const isLost = this.#scanner === undefined;
    const last = this.#recent.at(-1)?.start ?? this.#boundary;
    const kept = Math.max(
      this.#recent[0]?.start ?? 0,
      this.#boundary - this.#context.historyLength(),
    );
    tape.forget(isLost ? tape.end : Math.min(last, kept));
  }
}
