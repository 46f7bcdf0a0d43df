// What the consumer has of each tracker, and what is wrong with it. A tracker sends a report after each tenth
// of a kilometre, so the mileage counts the reports: a tenth more is the next one. This file is pure.

import type { Message } from './jtt808.ts';

/** Numbers of reports. */
export interface Totals {
  readonly trackers: number;
  readonly reports: number;
  /** Reports that are missing between two others. */
  readonly missing: number;
  /** Reports that came behind a later one of their tracker. */
  readonly disordered: number;
  /** Reports that came again with an id that was there before, which the consumer passes over. */
  readonly repeated: number;
}

export class Ledger {
  readonly #mileages = new Map<string, number>();
  readonly #ids = new Set<string>();
  #reports = 0;
  #missing = 0;
  #disordered = 0;
  #repeated = 0;

  get totals(): Totals {
    return {
      trackers: this.#mileages.size,
      reports: this.#reports,
      missing: this.#missing,
      disordered: this.#disordered,
      repeated: this.#repeated,
    };
  }

  /** Enters a report. `id` is equal for a report that was stored twice. */
  enter(id: string, { phone, mileage }: Extract<Message, { type: 'report' }>): void {
    if (this.#ids.has(id)) {
      this.#repeated++;
      return;
    }
    this.#ids.add(id);
    this.#reports++;
    const before = this.#mileages.get(phone) ?? 0;
    if (mileage > before) {
      this.#missing += mileage - before - 1;
      this.#mileages.set(phone, mileage);
    } else {
      this.#disordered++;
      // It was counted as missing when a later one came.
      this.#missing--;
    }
  }
}

/** The totals as a sentence for people. */
export function totalsText(totals: Totals): string {
  const { trackers, reports, missing, disordered, repeated } = totals;
  return `${reports} reports of ${trackers} trackers: ${missing} missing, ${disordered} out of order, ${repeated} repeated`;
}
