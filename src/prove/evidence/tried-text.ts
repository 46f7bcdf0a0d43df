// Makes lines of the table "tried / not tried and why". This file is pure.

import type { Tried } from './tally.ts';

function boundariesIn({ boundaries }: Tried): string {
  const { exact, delayed, lost } = boundaries;
  const parts = [
    ...(exact > 0 ? [`${exact} exact`] : []),
    ...(delayed > 0 ? [`${delayed} delayed`] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
  ];
  return parts.length === 0 ? 'no cut inside a request' : `cuts: ${parts.join(', ')}`;
}

/**
 * Returns one line for each kind that was tried, then one line for each kind that was not tried, or not to
 * the end, with the reason.
 */
export function describeTried(rows: readonly Tried[]): readonly string[] {
  if (rows.length === 0) {
    return [];
  }
  const width = Math.max(...rows.map(({ what }) => what.length));
  const tried = rows.filter(({ schedules }) => schedules > 0);
  const left = rows.filter(({ because }) => because !== undefined);
  return [
    '',
    'tried',
    ...tried.map(
      (row) =>
        `  ${row.what.padEnd(width)}  ${`${row.schedules}`.padStart(4)}  ${boundariesIn(row)}`,
    ),
    ...(left.length === 0 ? [] : ['not tried']),
    ...left.map(({ what, schedules, because }) => {
      const more = schedules > 0 ? 'some, because ' : '';
      return `  ${what.padEnd(width)}  ${more}${because ?? ''}`;
    }),
  ];
}
