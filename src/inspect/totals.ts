// The totals of an inspection, over all conversations.

import type { Finding, FramePart, SummaryLine } from './lines.ts';

export class Totals {
  conversations = 0;
  pieces = 0;
  bytes = 0;
  sticky = 0;
  conflicts = 0;
  frames = 0;
  errors = 0;
  #half = 0;
  #unfinished = 0;
  #gaps = 0;
  #frameBytes = 0;
  #shortest = Infinity;
  #longest = 0;
  #from: number | undefined;
  #to = 0;
  readonly #missing = { lost: 0, noise: 0 };
  readonly #cuts: Record<FramePart, number> = { head: 0, payload: 0, tail: 0 };

  piece(length: number, time: number | undefined): void {
    this.pieces++;
    this.bytes += length;
    if (time !== undefined) {
      this.#from = Math.min(this.#from ?? time, time);
      this.#to = Math.max(this.#to, time);
    }
  }

  count(finding: Finding): void {
    switch (finding.kind) {
      case 'frame':
        this.frames++;
        this.#half += finding.cuts.length > 0 ? 1 : 0;
        this.#frameBytes += finding.length;
        this.#shortest = Math.min(this.#shortest, finding.length);
        this.#longest = Math.max(this.#longest, finding.length);
        for (const { part } of finding.cuts) {
          this.#cuts[part]++;
        }
        break;
      case 'gap':
        this.#gaps++;
        this.#missing[finding.why] += finding.length;
        break;
      case 'error':
        this.errors++;
        break;
      case 'unfinished':
        this.#unfinished++;
        break;
    }
  }

  summary(): SummaryLine {
    const { frames } = this;
    return {
      kind: 'summary',
      conversations: this.conversations,
      bytes: this.bytes,
      pieces: this.pieces,
      frames,
      half: this.#half,
      sticky: this.sticky,
      cuts: { ...this.#cuts },
      unfinished: this.#unfinished,
      errors: this.errors,
      gaps: this.#gaps,
      lostBytes: this.#missing.lost,
      noiseBytes: this.#missing.noise,
      conflicts: this.conflicts,
      ...(frames === 0
        ? {}
        : {
            shortest: this.#shortest,
            longest: this.#longest,
            mean: Math.round((this.#frameBytes / frames) * 10) / 10,
          }),
      ...(this.#from === undefined ? {} : { duration: this.#to - this.#from }),
    };
  }
}
