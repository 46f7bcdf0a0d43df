// The table of faults, which are what the proxy can do to a stream besides a plan. The type of the values,
// the words of the command line, the table in docs/chop.md and --help follow from this table. Only `corrupt`
// changes bytes. All other faults change when and in which pieces bytes come, or how the stream ends.

import { refuse, shown, whole } from '../../options.ts';
import { printable } from '../../text.ts';
import { COALESCE } from './coalesce.ts';
import { CORRUPT } from './corrupt.ts';
import { DELAY } from './delay.ts';
import { FIN, HALF_CLOSE, RST, STALL } from './endings.ts';
import type { Effect, EndingKind, FaultRow, Numbers } from './row.ts';
import { SLICE } from './slice.ts';
import { THROTTLE } from './throttle.ts';

/**
 * The names of the numbers of each fault. A kind without a row in FAULTS, or with other numbers in its row,
 * does not compile.
 */
interface FaultNumbers {
  readonly slice: 'min' | 'max';
  readonly coalesce: never;
  readonly delay: 'min' | 'max';
  readonly throttle: 'rate';
  readonly stall: 'at';
  readonly 'half-close': 'at';
  readonly fin: 'at';
  readonly rst: 'at';
  readonly corrupt: 'oneIn';
}

export type FaultKind = keyof FaultNumbers;

export const FAULTS: { readonly [K in FaultKind]: FaultRow<FaultNumbers[K]> } = {
  slice: SLICE,
  coalesce: COALESCE,
  delay: DELAY,
  throttle: THROTTLE,
  stall: STALL,
  'half-close': HALF_CLOSE,
  fin: FIN,
  rst: RST,
  corrupt: CORRUPT,
};

/** A fault as a value: `{ kind: 'delay', min: 5, max: 20 }`. */
export type Fault = {
  [K in FaultKind]: { readonly kind: K } & Numbers<FaultNumbers[K]>;
}[FaultKind];

/** An ending of a direction: its kind, and the number of passed bytes (`at`) after which it comes. */
export interface Ending {
  readonly at: number;
  readonly kind: EndingKind;
}

export const FAULT_WORDS: readonly string[] = Object.values(FAULTS).flatMap(({ words }) => words);

function isKind(word: unknown): word is FaultKind {
  return typeof word === 'string' && Object.hasOwn(FAULTS, word);
}

/** Returns the row of a kind, with numbers of any name. Callers check the names first. */
function rowOf(kind: FaultKind): FaultRow<string> {
  return FAULTS[kind];
}

function refuseFault(value: unknown): never {
  refuse(`A fault cannot be ${shown(value)}.`, `Faults are ${FAULT_WORDS.join(', ')}.`);
}

/** Refuses a word that begins with a known kind and goes on with wrong numbers. */
function refuseNumbers(kind: FaultKind, word: string, behind: string): never {
  const { words, example } = FAULTS[kind];
  const unitless = words.some((form) => form.includes('TIME')) && /^:[\d.-]+$/.test(behind);
  const hint = unitless ? `A time needs a unit: ${kind}${behind}ms.` : `Such as ${example}.`;
  refuse(`A fault cannot be ${shown(word)}: it is written ${words.join(' or ')}.`, hint);
}

/**
 * Reads the word of a fault: `slice:1-5`, `delay:10ms`, `throttle:64KiB`, `rst@100`, … Throws UsageError
 * ERR_OPTION.
 */
export function parseFault(word: string): Fault {
  const [, kind, behind = ''] = /^([a-z-]+)([:@].*)?$/s.exec(word) ?? [];
  if (!isKind(kind)) {
    return refuseFault(word);
  }
  const numbers = FAULTS[kind].read(behind);
  return numbers === undefined
    ? refuseNumbers(kind, word, behind)
    : checkFault({ kind, ...numbers });
}

/**
 * Checks a fault, and returns it. Refuses a value that is no fault, and a fault whose numbers have no
 * meaning.
 */
export function checkFault(fault: unknown): Fault {
  if (!isFault(fault)) {
    return refuseFault(fault);
  }
  rowOf(fault.kind).check(numbersOf(fault));
  return fault;
}

/**
 * Returns whether a value has a known kind. Throws if one of its numbers is missing, is not whole, or is
 * unknown.
 */
function isFault(value: unknown): value is Fault {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !isKind(value.kind)) {
    return false;
  }
  const { kind } = value;
  const { numbers } = rowOf(kind);
  const stranger = Object.keys(value).find((name) => name !== 'kind' && !numbers.includes(name));
  if (stranger !== undefined) {
    refuse(
      `${kind} has no number ${printable(stranger)}.`,
      `It has: ${numbers.join(', ') || 'none'}.`,
    );
  }
  for (const name of numbers) {
    whole(`${kind}: ${name}`, Reflect.get(value, name));
  }
  return true;
}

function numbersOf({ kind: _kind, ...numbers }: Fault): Numbers<string> {
  return numbers;
}

/** Returns what a fault does. */
export function effectOf(fault: Fault): Effect {
  return rowOf(fault.kind).effect(numbersOf(fault));
}

/** Returns the ending that comes first in the stream. */
export function firstEnding(endings: readonly Ending[]): Ending | undefined {
  return endings.toSorted((one, other) => one.at - other.at)[0];
}

/** Returns the endings among the faults. */
export function endingsOf(faults: readonly Fault[]): readonly Ending[] {
  return faults.map(effectOf).flatMap((effect) => {
    return effect.kind === 'ending' ? [{ at: effect.at, kind: effect.how }] : [];
  });
}
