// The oracle of resync(): it looks at every byte of the whole stream for a frame, with plain loops. The rules
// are those of resync.ts, and no code is.

import { recognise } from '../../src/codec/diagnose.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { toHex } from './bytes.ts';
import { slowFormat, slowFrame, slowRead, widestPrefix } from './slow-frames.ts';
import type { Frame, Place, SlowEvent, SlowFormat, SlowReading, SlowTerms } from './slow-frames.ts';

/** Shorter failed candidates are not tries. */
const FREE = 64;

/** All that a decoder has to say about these bytes, in order, with resync or without. */
export function slowReadAny(
  options: LengthPrefixedOptions,
  stream: Uint8Array,
  terms: SlowTerms,
): SlowReading {
  return options.resync === undefined
    ? slowRead(options, stream, terms)
    : new SlowSearch(options, Array.from(stream), terms).read();
}

class SlowSearch {
  readonly #format: SlowFormat;
  readonly #bytes: readonly number[];
  readonly #terms: SlowTerms;
  readonly #limits: { readonly maxGap: number; readonly maxTries: number };
  readonly #events: SlowEvent[] = [];
  #at = 0;
  #frameIndex = 0;
  #gap: Place | undefined;
  #cut: Place | undefined;
  #from = 0;
  #ends: number[] = [];

  constructor(options: LengthPrefixedOptions, bytes: readonly number[], terms: SlowTerms) {
    this.#format = slowFormat(options);
    this.#bytes = bytes;
    this.#terms = terms;
    this.#limits = options.resync ?? { maxGap: 0, maxTries: 0 };
  }

  read(): SlowReading {
    for (;;) {
      if (this.#at === this.#bytes.length) {
        return this.#atEnd();
      }
      if (this.#gap !== undefined && !this.#canBegin()) {
        const error = this.#drop(this.#gap);
        if (error !== undefined) {
          return this.#stop(error);
        }
        continue;
      }
      const frame = slowFrame(this.#format, this.#bytes.slice(this.#at));
      if (frame.kind === 'value') {
        this.#close(this.#at);
        this.#cut = undefined;
        this.#events.push({ kind: 'value', value: frame.value });
        this.#at += frame.length;
        this.#frameIndex++;
      } else if (frame.kind !== 'more') {
        this.#lose(this.#place(frame.code), this.#extent(frame));
      } else if (!this.#terms.ended) {
        return this.#release();
      } else if (this.#format.sums.length === 0) {
        this.#close(this.#at);
        return this.#stop(this.#place('ERR_FRAME_TRUNCATED'));
      } else {
        const place = this.#place('ERR_FRAME_TRUNCATED');
        this.#cut ??= place;
        this.#lose(place, this.#extent(frame));
      }
    }
  }

  #atEnd(): SlowReading {
    if (!this.#terms.ended) {
      return this.#release();
    }
    this.#close(this.#cut?.byteOffset ?? this.#at);
    return this.#stop(this.#cut);
  }

  /** The reader takes the rest, so that a gap is over there. */
  #release(): SlowReading {
    this.#close(this.#at);
    return this.#stop(undefined);
  }

  #stop(error: Place | undefined): SlowReading {
    const rest = toHex(Uint8Array.from(this.#bytes.slice(this.#at)));
    return { events: this.#events, error, rest };
  }

  #place(code: string): Place {
    return { code, byteOffset: this.#at, frameIndex: this.#frameIndex };
  }

  /** Whether a frame can begin here: the fixed bytes in front are right, as far as they have come. */
  #canBegin(): boolean {
    const { bytes } = this.#format.sections.before;
    const length = bytes.findIndex((one) => typeof one !== 'number');
    const marker = length < 0 ? bytes : bytes.slice(0, length);
    const isMarker = marker.every((one, i) => [one, undefined].includes(this.#bytes[this.#at + i]));
    return this.#at >= this.#from && isMarker;
  }

  #drop(gap: Place): Place | undefined {
    const { byteOffset, frameIndex } = gap;
    const error = { code: 'ERR_NOISE', byteOffset, frameIndex };
    if (this.#at - gap.byteOffset >= this.#limits.maxGap) {
      return error;
    }
    this.#at++;
    const isStart = gap.byteOffset === 0 && this.#at === 4;
    const known = isStart && recognise(Uint8Array.from(this.#bytes.slice(0, 4))) !== undefined;
    return known ? error : undefined;
  }

  #lose(place: Place, extent: number): void {
    this.#gap ??= place;
    this.#from = this.#at + 1;
    if (extent > FREE) {
      this.#ends.push(this.#at + extent);
    }
    const covering = (): number[] => this.#ends.filter((end) => end > this.#from);
    while (covering().length >= this.#limits.maxTries) {
      this.#from = Math.min(...covering());
    }
  }

  /** How far a frame reaches that was none: to its end if that is known and was believed. */
  #extent(frame: Exclude<Frame, { kind: 'value' }>): number {
    const { before, after } = this.#format.lengths;
    const head = before + widestPrefix(this.#format) + after;
    const isBody = frame.kind === 'skippable' ? frame.isBody : frame.length !== undefined;
    return isBody ? (frame.length ?? head) : head;
  }

  #close(end: number): void {
    const gap = this.#gap;
    this.#gap = undefined;
    if (gap !== undefined && end > gap.byteOffset && this.#terms.skips) {
      const { byteOffset, frameIndex } = gap;
      this.#events.push({ kind: 'skip', code: 'ERR_NOISE', byteOffset, frameIndex });
    }
  }
}
