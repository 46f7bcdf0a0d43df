// The oracle of resync(): it looks for a frame at every byte of the whole stream, with plain loops. It has
// the rules of resync.ts, but none of its code. The oracles of the codecs decide what a frame is.

import { recognise } from '../../src/codec/diagnose.ts';
import { toHex } from './bytes.ts';
import type { Place, SlowEvent, SlowReading, SlowTerms } from './slow-frames.ts';

/** Failed candidates of at most so many bytes do not count for `maxTries`. */
const FREE = 64;

/** What some bytes begin with. `extent` is how many bytes a failed or incomplete candidate covers. */
export type Candidate =
  | { readonly kind: 'value'; readonly length: number; readonly value: unknown }
  | { readonly kind: 'fill'; readonly length: number }
  | { readonly kind: 'wrong'; readonly code: string; readonly extent: number }
  | { readonly kind: 'more'; readonly extent: number };

/** A format whose frames are searched for. */
export interface Searched {
  /** The fixed bytes at the front of each frame. */
  readonly marker: readonly unknown[];
  readonly isChecked: boolean;
  readonly limits: { readonly maxGap: number; readonly maxTries: number };
  /** `isFirst` says that no frame ends right in front of these bytes. */
  candidate(bytes: readonly number[], isFirst: boolean): Candidate;
  /** Whether the input may end after these bytes although they are not a frame. */
  isFill(bytes: readonly number[]): boolean;
}

/** The values, skips, error and rest that a decoder with resync must give for these bytes, in order. */
export function slowSearch(searched: Searched, stream: Uint8Array, terms: SlowTerms): SlowReading {
  return new SlowSearch(searched, Array.from(stream), terms).read();
}

class SlowSearch {
  readonly #searched: Searched;
  readonly #bytes: readonly number[];
  readonly #terms: SlowTerms;
  readonly #events: SlowEvent[] = [];
  #at = 0;
  #frameIndex = 0;
  #gap: Place | undefined;
  #cut: Place | undefined;
  #from = 0;
  #ends: number[] = [];

  constructor(searched: Searched, bytes: readonly number[], terms: SlowTerms) {
    this.#searched = searched;
    this.#bytes = bytes;
    this.#terms = terms;
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
      const left = this.#bytes.slice(this.#at);
      if (this.#searched.isFill(left)) {
        return this.#atEnd();
      }
      const isFirst = this.#frameIndex === 0 || this.#gap !== undefined;
      const found = this.#searched.candidate(left, isFirst);
      if (found.kind === 'value' || found.kind === 'fill') {
        this.#close(this.#at);
        this.#cut = undefined;
      }
      if (found.kind === 'value') {
        this.#events.push({ kind: 'value', value: found.value });
        this.#at += found.length;
        this.#frameIndex++;
      } else if (found.kind === 'fill') {
        this.#at += found.length;
      } else if (found.kind === 'wrong') {
        this.#lose(this.#place(found.code), found.extent);
      } else if (!this.#terms.ended) {
        return this.#release();
      } else if (this.#searched.isChecked) {
        const place = this.#place('ERR_FRAME_TRUNCATED');
        this.#cut ??= place;
        this.#lose(place, found.extent);
      } else {
        this.#close(this.#at);
        return this.#stop(this.#place('ERR_FRAME_TRUNCATED'));
      }
    }
  }

  #atEnd(): SlowReading {
    if (!this.#terms.ended) {
      return this.#release();
    }
    this.#close(this.#cut?.byteOffset ?? this.#at);
    if (this.#cut === undefined) {
      this.#at = this.#bytes.length;
    }
    return this.#stop(this.#cut);
  }

  /** The reader takes the rest, so an open gap ends in front of it. */
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

  /** Whether a frame may begin here: those bytes of the marker that have come are right. */
  #canBegin(): boolean {
    const isMarker = this.#searched.marker.every((one, i) =>
      [one, undefined].includes(this.#bytes[this.#at + i]),
    );
    return this.#at >= this.#from && isMarker;
  }

  #drop(gap: Place): Place | undefined {
    const { byteOffset, frameIndex } = gap;
    const error = { code: 'ERR_NOISE', byteOffset, frameIndex };
    if (this.#at - gap.byteOffset >= this.#searched.limits.maxGap) {
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
    while (covering().length >= this.#searched.limits.maxTries) {
      this.#from = Math.min(...covering());
    }
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
