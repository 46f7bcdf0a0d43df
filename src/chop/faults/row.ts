// One row of the table of faults: the words of the command line, the text for docs and --help, the numbers,
// their check, and the effect. Each fault has a file with its row, and the endings share one file. faults.ts
// puts the rows into the table.

import { readSize } from '../../schedule/units.ts';

/** The effect of a fault on one direction. The planner, the slicing or the corrupter carries it out. */
export type Effect =
  /** The direction is sent in pieces whose sizes are drawn, from `min` to `max` bytes. */
  | { readonly kind: 'sizes'; readonly min: number; readonly max: number }
  /** Bytes that come without a pause leave as one piece, up to 64 KiB. */
  | { readonly kind: 'join' }
  /** The proxy waits `min` to `max` ms before each piece. */
  | { readonly kind: 'wait'; readonly min: number; readonly max: number }
  /** At most `bytes` bytes pass in a second. */
  | { readonly kind: 'rate'; readonly bytes: number }
  /** About one byte in `oneIn` is changed. */
  | { readonly kind: 'change'; readonly oneIn: number }
  /** The direction ends in this way when `at` bytes have been passed on. */
  | { readonly kind: 'ending'; readonly at: number; readonly how: EndingKind };

/**
 * How a direction ends. 'stall': nothing more is passed on, and the connection stays open. 'half-close': the
 * receiver gets a FIN, and its answers still pass. 'fin': both sides get a FIN. 'rst': both sides get a RST.
 */
export type EndingKind = 'stall' | 'half-close' | 'fin' | 'rst';

export type Numbers<N extends string> = Readonly<Record<N, number>>;

export interface FaultRow<N extends string> {
  /**
   * The forms in which the command line writes the fault. SIZE is `512` or `64KiB`, TIME is `60ms` or `2s`.
   */
  readonly words: readonly [string, ...string[]];
  readonly example: string;
  /** Text that says what the fault does, in docs/chop.md and --help. */
  readonly does: string;
  /** Names of the numbers in the value, besides its `kind`. */
  readonly numbers: readonly N[];
  /** Reads the text behind the name, such as `:5-20`. Returns `undefined` for a text of another form. */
  readonly read: (behind: string) => Numbers<N> | undefined;
  /**
   * Refuses numbers without a meaning, such as an empty range. All numbers are whole and 0 or more by then.
   */
  readonly check: (numbers: Numbers<N>) => void;
  readonly effect: (numbers: Numbers<N>) => Effect;
}

/** Gives a row the type that its numbers ask for. */
export function faultRow<const N extends string = never>(row: FaultRow<N>): FaultRow<N> {
  return row;
}

/**
 * Reads one quantity or two: `:5ms`, `:5ms-20ms`, or `:5-20ms` if both have the same unit. `read` is readTime
 * or readSize.
 */
export function readRange(
  behind: string,
  read: (word: string) => number | undefined,
): Numbers<'min' | 'max'> | undefined {
  const [, low = '', high = low] = /^:([\w.]+)(?:-([\w.]+))?$/.exec(behind) ?? [];
  const [unit = ''] = /[A-Za-z]*$/.exec(high) ?? [];
  const min = read(low) ?? read(low + unit);
  const max = read(high);
  return min === undefined || max === undefined ? undefined : { min, max };
}

/**
 * Makes the row of a fault that is an ending. Its one number is an offset, `@100` or `@4KiB`, which needs no
 * check.
 */
export function endingRow(how: EndingKind, does: string): FaultRow<'at'> {
  return {
    words: [`${how}@SIZE`],
    example: `${how}@4KiB`,
    does,
    numbers: ['at'],
    read: (behind) => {
      const at = behind.startsWith('@') ? readSize(behind.slice(1)) : undefined;
      return at === undefined ? undefined : { at };
    },
    check: () => undefined,
    effect: ({ at }) => ({ kind: 'ending', at, how }),
  };
}
