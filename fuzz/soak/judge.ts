// Judges a soak: what the server holds afterwards and did not hold before, uncaught errors, and wrong
// answers to the well-behaved client.

import type { CrowdReport } from './crowd.ts';
import type { Status } from './server-main.ts';
import type { WellBehavedReport } from './well-behaved.ts';

const MiB = 1024 * 1024;
/**
 * Memory may be so much more than before: code that was compiled, tables that grew. Measured: at most
 * 2 MiB, whatever the number of connections.
 */
const SLACK = 5 * MiB;

export interface SoakFacts {
  readonly crowd: CrowdReport;
  readonly client: WellBehavedReport;
  readonly before: Status;
  readonly after: Status;
  /** The most, or the worst, while the crowd was there. */
  readonly mostResident: number;
  readonly worstDelay: number;
  readonly worstP99Delay: number;
}

/** Whether the server holds no more than before. It is asked again for some time. */
export function isAtRest(before: Status, after: Status): boolean {
  return leftBehind(before, after).length === 0;
}

/** What is left behind, in sentences. */
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
    found.push('nobody of the crowd was connected: nothing was tried');
  }
  if (client.answers === 0) {
    found.push('the well-behaved client had no answer at all');
  }
  if (client.wrong > 0) {
    found.push(`${client.wrong} wrong answers: ${client.firstWrong.join('; ')}`);
  }
  return found;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`;
}
