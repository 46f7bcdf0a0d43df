// One row of the table of faults: the words of the command line, what docs and --help say, the numbers,
// their check, and the effect. A fault is one file with one row; faults.ts puts them into the table.

/** What a fault does to one direction, for whoever carries it out: planner, slicing, corrupter. */
export type Effect =
  /** Pieces whose sizes are drawn, from `min` to `max` bytes. */
  | { readonly kind: 'sizes'; readonly min: number; readonly max: number }
  /** What comes without a pause leaves as one piece. */
  | { readonly kind: 'join' }
  /** A wait of `min` to `max` ms before each piece. */
  | { readonly kind: 'wait'; readonly min: number; readonly max: number }
  /** At most `bytes` bytes a second. */
  | { readonly kind: 'rate'; readonly bytes: number }
  /** One byte of about `oneIn` becomes another one. */
  | { readonly kind: 'change'; readonly oneIn: number }
  /** The direction ends in this way when `at` bytes have been passed on. */
  | { readonly kind: 'ending'; readonly at: number; readonly how: EndingKind };

/**
 * `stall`: nothing more comes, all stays open. `half-close`: the receiver gets a FIN, its answers still
 * pass. `fin`: both sides get a FIN. `rst`: both sides get a RST.
 */
export type EndingKind = 'stall' | 'half-close' | 'fin' | 'rst';

export type Numbers<N extends string> = Readonly<Record<N, number>>;

export interface FaultRow<N extends string> {
  /** How the command line writes it; a test holds them against the names in the table. */
  readonly words: readonly [string, ...string[]];
  /** What it does, as docs/chop.md and --help say it. */
  readonly does: string;
  /** The numbers of the value, besides its `kind`. */
  readonly numbers: readonly N[];
  /** Reads what stands behind the name, such as `:5-20`; `undefined` where it is something else. */
  readonly read: (behind: string) => Numbers<N> | undefined;
  /** Refuses numbers that mean nothing. They are whole numbers, 0 or more. */
  readonly check: (numbers: Numbers<N>) => void;
  readonly effect: (numbers: Numbers<N>) => Effect;
}

/** Types a row by its numbers. */
export function faultRow<const N extends string = never>(row: FaultRow<N>): FaultRow<N> {
  return row;
}

/** `:5` or `:5-20`. */
export function readRange(behind: string): Numbers<'min' | 'max'> | undefined {
  const [, low, high = low] = /^:(\d{1,9})(?:-(\d{1,9}))?$/.exec(behind) ?? [];
  return low === undefined ? undefined : { min: Number(low), max: Number(high) };
}

/** `:4096`. */
export function readCount(behind: string): number | undefined {
  const digits = /^:(\d{1,12})$/.exec(behind)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The row of an ending: it has an offset, `@100`, and nothing to check. */
export function endingRow(how: EndingKind, does: string): FaultRow<'at'> {
  return {
    words: [`${how}@N`],
    does,
    numbers: ['at'],
    read: (behind) => {
      const digits = /^@(\d{1,15})$/.exec(behind)?.[1];
      return digits === undefined ? undefined : { at: Number(digits) };
    },
    check: () => undefined,
    effect: ({ at }) => ({ kind: 'ending', at, how }),
  };
}
