// Judges a soak. It finds what the server still holds afterwards but did not hold before, uncaught errors,
// and wrong answers to the well-behaved client.

import type { CrowdReport } from './crowd.ts';
import type { Status } from './server-main.ts';
import type { WellBehavedReport } from './well-behaved.ts';

const MiB = 1024 * 1024;
/**
 * Allowed growth of memory in bytes: code was compiled, and tables have grown. Measured: at most 2 MiB,
 * whatever the number of connections.
 */
const SLACK = 5 * MiB;

export interface SoakFacts {
  readonly crowd: CrowdReport;
  readonly client: WellBehavedReport;
  readonly before: Status;
  readonly after: Status;
  /** The largest values while the crowd was there: bytes, and delays in ms. */
  readonly mostResident: number;
  readonly worstDelay: number;
  readonly worstP99Delay: number;
}

/**
 * Whether the server holds no more than before. The soak asks repeatedly until this is so or time is over.
 */
export function isAtRest(before: Status, after: Status): boolean {
  return leftBehind(before, after).length === 0;
}

/** What the server holds that it did not hold before, a text for each kind. */
function leftBehind(before: Status, after: Status): string[] {
  const found: string[] = [];
  const count = (what: string, was: number | undefined, is: number | undefined): void => {
    if (was !== undefined && is !== undefined && is > was) {
      found.push(`${what}: ${was} → ${is}`);
    }
  };
  count('connections left', 0, after.connections);
  count('descriptors left', before.descriptors, after.descriptors);
  count('timers left', before.timers, after.timers);
  for (const [kind, is] of Object.entries(after.resources)) {
    count(`${kind} left in the event loop`, before.resources[kind] ?? 0, is);
  }
  for (const what of ['heap', 'buffers'] as const) {
    if (after[what] <= before[what] + SLACK) {
      continue;
    }
    found.push(`${what} grew: ${mebibytes(before[what])} → ${mebibytes(after[what])}`);
  }
  return found;
}

export function judge({ crowd, client, before, after }: SoakFacts): string[] {
  const found = leftBehind(before, after);
  if (after.uncaught > 0) {
    found.push(`${after.uncaught} errors or warnings uncaught: ${after.firstUncaught.join('\n')}`);
  }
  if (crowd.connected === 0) {
    found.push('no connection of the crowd was established, so nothing was tried');
  }
  if (client.answers === 0) {
    found.push('the well-behaved client got no answer at all');
  }
  if (client.wrong > 0) {
    found.push(`${client.wrong} wrong answers: ${client.firstWrong.join('; ')}`);
  }
  return found;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`;
}
