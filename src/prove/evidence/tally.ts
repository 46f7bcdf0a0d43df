// Counts what was tried: the number of schedules of each kind, how their boundaries were kept, and the kinds
// that were not tried, with the reason. This file is pure.

import { TRIAL_KINDS } from '../trials/trial.ts';
import type { TrialKind } from '../trials/trial.ts';

/**
 * Numbers of schedules, each counted by the worst of its cuts inside requests. 'exact': every cut was seen to
 * be kept. 'delayed': the worst cut was kept by a pause. 'lost': the worst cut was not kept. A schedule
 * without a cut inside a request counts as exact.
 */
export interface ScheduleCounts {
  readonly exact: number;
  readonly delayed: number;
  readonly lost: number;
}

/** How a boundary between two pieces was kept. */
type Boundary = keyof ScheduleCounts;

/** One row of the table "tried": a kind of schedule, and how many schedules of this kind were played. */
export interface Tried {
  readonly kind: TrialKind;
  readonly what: string;
  readonly schedules: number;
  /** Numbers of cuts inside requests, by how they were kept. */
  readonly boundaries: ScheduleCounts;
  /** Reason why the kind was not tried, or not to the end. `undefined` if it was tried to the end. */
  readonly because: string | undefined;
}

interface Row {
  schedules: number;
  readonly boundaries: Record<Boundary, number>;
  because: string | undefined;
}

/** Returns the worst of a schedule's cuts, or 'exact' if it has no cuts. */
function achieved(boundaries: readonly Boundary[]): Boundary {
  if (boundaries.includes('lost')) {
    return 'lost';
  }
  return boundaries.includes('delayed') ? 'delayed' : 'exact';
}

function emptyRow(): Row {
  return { schedules: 0, boundaries: { exact: 0, delayed: 0, lost: 0 }, because: undefined };
}

export class Tally {
  /** Numbers of all schedules. */
  readonly schedules: Record<Boundary, number> = { exact: 0, delayed: 0, lost: 0 };
  /** Numbers of the schedules that count as evidence, because they cut inside a request. */
  readonly evidence: Record<Boundary, number> = { exact: 0, delayed: 0, lost: 0 };
  readonly #rows = new Map<TrialKind, Row>();

  /** Counts a schedule that was played. `cuts` are its boundaries inside requests. */
  add(kind: TrialKind, cuts: readonly Boundary[]): void {
    const row = this.#row(kind);
    row.schedules++;
    for (const boundary of cuts) {
      row.boundaries[boundary]++;
    }
    this.schedules[achieved(cuts)]++;
    if (cuts.length > 0) {
      this.evidence[achieved(cuts)]++;
    }
  }

  /** Notes the reason why a kind cannot be tried. If this is called again, the first reason stays. */
  skip(kind: TrialKind, because: string): void {
    this.#row(kind).because ??= because;
  }

  get count(): number {
    const { exact, delayed, lost } = this.schedules;
    return exact + delayed + lost;
  }

  /**
   * Returns the table. The reason of a kind is that of `skip` or, if no schedule of the kind was played, the
   * reason of `missing`. A kind that was not played and has no reason is left out.
   */
  table(missing: (kind: TrialKind) => string | undefined): readonly Tried[] {
    const kinds = Object.entries(TRIAL_KINDS) as [TrialKind, string][];
    return kinds.flatMap(([kind, what]) => {
      const { schedules, boundaries, because } = this.#rows.get(kind) ?? emptyRow();
      const reason = because ?? (schedules === 0 ? missing(kind) : undefined);
      const isShown = schedules > 0 || reason !== undefined;
      return isShown ? [{ kind, what, schedules, boundaries, because: reason }] : [];
    });
  }

  #row(kind: TrialKind): Row {
    const row = this.#rows.get(kind) ?? emptyRow();
    this.#rows.set(kind, row);
    return row;
  }
}
