// What can be done to a stream besides cutting it, each as a value that has a word on the command line.
// Only `corrupt` changes bytes; all others change when and in which pieces they come, or how they end.

import { UsageError } from '../../errors.ts';
import { MAX_DELAY } from '../../schedule/schedule.ts';

export type Fault =
  /** Pieces of `min` to `max` bytes. */
  | { readonly kind: 'slice'; readonly min: number; readonly max: number }
  /** What comes without a pause leaves as one piece. */
  | { readonly kind: 'coalesce' }
  /** A wait of `min` to `max` ms before each piece. */
  | { readonly kind: 'delay'; readonly min: number; readonly max: number }
  /** At most `rate` bytes a second. */
  | { readonly kind: 'throttle'; readonly rate: number }
  /** One byte of about `oneIn` becomes another one. */
  | { readonly kind: 'corrupt'; readonly oneIn: number }
  | ({ readonly kind: Ending['kind'] } & { readonly at: number });

/** What happens when `at` bytes have been passed on in this direction. */
export interface Ending {
  readonly at: number;
  /**
   * `stall`: nothing more comes, all stays open. `half-close`: the receiver gets a FIN, its answers
   * still pass. `fin`: both sides get a FIN. `rst`: both sides get a RST.
   */
  readonly kind: 'stall' | 'half-close' | 'fin' | 'rst';
}

const SYNTAX =
  /^(?:(coalesce)|(slice|delay):(\d{1,9})(?:-(\d{1,9}))?|(throttle|corrupt):(\d{1,12})|(stall|half-close|fin|rst)@(\d{1,15}))$/;

export const FAULT_WORDS = [
  'slice:MIN-MAX',
  'coalesce',
  'delay:MS',
  'delay:MIN-MAX',
  'throttle:BYTES',
  'stall@N',
  'half-close@N',
  'fin@N',
  'rst@N',
  'corrupt:ONE-IN',
] as const;

/** Twice that, and the seeded source still reaches it. */
const MAX_ONE_IN = 2 ** 31;

function refusal(facts: string, hint?: string): UsageError {
  return new UsageError('ERR_OPTION', facts, { hint });
}

/** Reads `slice:1-5`, `delay:10`, `throttle:4096`, `rst@100`, … Throws UsageError ERR_OPTION. */
export function parseFault(word: string): Fault {
  const match = SYNTAX.exec(word);
  if (match === null) {
    throw refusal(
      `${JSON.stringify(word)} is not a fault.`,
      `Faults are ${FAULT_WORDS.join(', ')}.`,
    );
  }
  const [, , ranged, low, high, counted, count, , at] = match;
  const min = Number(low);
  const max = Number(high ?? low);
  if (ranged === 'slice') {
    return checkFault({ kind: 'slice', min, max });
  }
  if (ranged === 'delay') {
    return checkFault({ kind: 'delay', min, max });
  }
  if (counted === 'throttle') {
    return checkFault({ kind: 'throttle', rate: Number(count) });
  }
  if (counted === 'corrupt') {
    return checkFault({ kind: 'corrupt', oneIn: Number(count) });
  }
  return at === undefined ? { kind: 'coalesce' } : { kind: endingOf(match[7]), at: Number(at) };
}

function endingOf(word: string | undefined): Ending['kind'] {
  switch (word) {
    case 'stall':
    case 'half-close':
    case 'fin':
      return word;
    default:
      return 'rst';
  }
}

/** The numbers that each fault has. */
const NUMBERS: Readonly<Record<Fault['kind'], readonly string[]>> = {
  slice: ['min', 'max'],
  coalesce: [],
  delay: ['min', 'max'],
  throttle: ['rate'],
  corrupt: ['oneIn'],
  stall: ['at'],
  'half-close': ['at'],
  fin: ['at'],
  rst: ['at'],
};

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Refuses what is no fault, and numbers that mean nothing. Returns the fault. */
export function checkFault(fault: Fault): Fault {
  if (typeof fault !== 'object' || fault === null || !Object.hasOwn(NUMBERS, fault.kind)) {
    throw refusal(
      `${JSON.stringify(fault)} is not a fault.`,
      `Faults are ${Object.keys(NUMBERS).join(', ')}.`,
    );
  }
  const names = NUMBERS[fault.kind];
  if (!names.every((name) => isCount(Reflect.get(fault, name)))) {
    throw refusal(`${fault.kind}: ${names.join(' and ')} must be integers, 0 or more.`);
  }
  if ('min' in fault && fault.min > fault.max) {
    throw refusal(`${fault.kind}:${fault.min}-${fault.max}: the range is empty.`);
  }
  if (fault.kind === 'slice' && fault.min < 1) {
    throw refusal('slice: a piece has 1 byte or more.');
  }
  if (fault.kind === 'delay' && fault.max > MAX_DELAY) {
    throw refusal(`delay:${fault.max} exceeds ${MAX_DELAY} ms.`, 'Use stall@N.');
  }
  if (fault.kind === 'throttle' && fault.rate < 1) {
    throw refusal('throttle:0 lets nothing pass.', 'Use stall@0.');
  }
  if (fault.kind === 'corrupt' && (fault.oneIn < 1 || fault.oneIn > MAX_ONE_IN)) {
    throw refusal(
      `corrupt:${fault.oneIn}: the number must be 1 to ${MAX_ONE_IN}.`,
      'corrupt:1000 changes one byte of about a thousand.',
    );
  }
  return fault;
}

/** The ending that comes first. */
export function firstEnding(endings: readonly Ending[]): Ending | undefined {
  return endings.toSorted((one, other) => one.at - other.at)[0];
}

/** The endings among faults. */
export function endingsOf(faults: readonly Fault[]): readonly Ending[] {
  return faults.flatMap((fault) => ('at' in fault ? [{ at: fault.at, kind: fault.kind }] : []));
}
