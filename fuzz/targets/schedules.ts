// Invariant: any text is read as a list of schedules, or refused with a UsageError. Schedules that were read
// can be written and read again. A schedule never changes bytes. Any text as a plan or a fault is read, or
// refused with ERR_OPTION.

import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { parseFault } from '../../src/chop/faults/faults.ts';
import { UsageError } from '../../src/errors.ts';
import { coveredLength, pieces, steps } from '../../src/schedule/pieces.ts';
import { parsePlan } from '../../src/schedule/plans.ts';
import type { Random } from '../../src/schedule/random.ts';
import { formatSchedules, parseSchedules } from '../../src/schedule/schedule.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import type { Target } from './target.ts';

/** Maximum length of a stream: a longer one only takes more time. */
const longest = 2000;

/** The result of a call, or `undefined` if it throws a UsageError with this code. */
function allowed<T>(code: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof UsageError && error.code === code) {
      return undefined;
    }
    throw error;
  }
}

function checkPieces(schedule: Schedule): void {
  const covered = coveredLength(schedule.ops);
  if (covered > longest) {
    return;
  }
  const stream = Uint8Array.from({ length: covered + 3 }, (_, index) => index);
  const cut = pieces(schedule, stream);
  const whole = Buffer.concat(cut);
  deepStrictEqual(whole, Buffer.from(stream.subarray(0, whole.length)));
  const ends = steps(schedule, [stream.length]).some(
    ({ kind }) => kind === 'fin' || kind === 'rst' || kind === 'stall',
  );
  ok(ends || whole.length === stream.length, 'bytes are missing');
  ok(
    cut.every(({ length }) => length > 0),
    'a piece is empty',
  );
}

function fuzz(bytes: Uint8Array): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  allowed('ERR_OPTION', () => parsePlan(text));
  allowed('ERR_OPTION', () => parseFault(text));
  const schedules = allowed('ERR_SCHEDULE', () => parseSchedules(text));
  if (schedules === undefined) {
    return;
  }
  const again = formatSchedules(schedules);
  deepStrictEqual(parseSchedules(again), schedules);
  strictEqual(formatSchedules(parseSchedules(again)), again);
  for (const schedule of schedules) {
    checkPieces(schedule);
  }
}

function sample(source: Random): Uint8Array {
  const number = (): number => source.pick([0, 1, 2, source.below(50), source.u32()]);
  const op = (): string =>
    source.pick([
      `cut ${number()}`,
      `hold ${number()}`,
      `delay ${number()}`,
      `fin@${number()}`,
      `rst@${number()}`,
      'stall',
    ]);
  const schedule = {
    v: source.pick([1, 1, 1, 2]),
    seed: source.u32(),
    direction: source.pick(['to-server', 'to-client']),
    ...(source.chance(1, 3) ? { connection: number() } : {}),
    ops: Array.from({ length: source.below(6) }, op),
  };
  const words = source.pick(['mtu:9', 'dribble', 'slice:1-9', 'delay:3', 'rst@7', 'corrupt:1']);
  const one = JSON.stringify(schedule);
  return Buffer.from(source.pick([one, one, `[${one},${one}]`, words]));
}

export const schedules: Target = { name: 'schedules', fuzz, sample, dictionary: 'schedules' };
