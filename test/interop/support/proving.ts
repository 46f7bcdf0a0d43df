// Proves a server that nobody here wrote, and prints in one line what was seen.
//
// A server that is right must be SAFE, and on Linux loopback nearly every schedule must have had exact
// boundaries: otherwise SAFE would say less than it seems to. A busy machine loses one of a hundred, or more for a while; a
// prover that does not see what the server reads loses all.

import { renderReport } from '../../../src/prove/evidence/report-text.ts';
import type { ScheduleCounts } from '../../../src/prove/evidence/tally.ts';
import { proveServer } from '../../../src/prove/server/prove-server.ts';
import type { FrameSpan } from '../../../src/prove/cut-points.ts';
import type { ProveServerOptions } from '../../../src/prove/server/options.ts';

/** UNSTICK_SEED plays other schedules; a failure prints the seed and the schedule. */
const seed = Number(process.env['UNSTICK_SEED'] ?? 1);

/** Whether all schedules are played, as .ci/long asks; otherwise a part of them. */
const IS_WHOLE = process.env['UNSTICK_WHOLE'] === '1';

/** Number of schedules of a proof, and of one that the whole costs more time. */
export const SCHEDULES: number = IS_WHOLE ? 200 : 40;
export const FEW_SCHEDULES: number = IS_WHOLE ? 60 : 20;

/** Far more than a proof takes on a machine with nothing else to do. */
export const provingTime = 240_000;

export interface Proof extends Omit<ProveServerOptions, 'to' | 'seed'> {
  readonly port: number;
}

export interface Seen {
  /** SAFE, or else the whole report, for a person. */
  readonly verdict: string;
  readonly schedules: number;
  /** The boundaries that at least three of four schedules had; 'lost' where there is no such kind. */
  readonly boundaries: keyof ScheduleCounts;
}

/** What `proveServer` says of the server behind the port. */
export async function prove(name: string, { port, ...options }: Proof): Promise<Seen> {
  const report = await proveServer({
    to: `127.0.0.1:${port}`,
    seed,
    runs: SCHEDULES,
    time: Infinity,
    ...options,
  });
  const { exact, delayed, lost } = report.schedules;
  const schedules = exact + delayed + lost;
  const seconds = report.elapsed / 1000;
  console.log(
    `${name}: ${report.verdict} after ${schedules} schedules in ${seconds.toFixed(1)} s ` +
      `(${(schedules / seconds).toFixed(0)} a second; exact ${exact}, delayed ${delayed}, lost ${lost})`,
  );
  const verdict = report.verdict === 'SAFE' ? 'SAFE' : renderReport(report);
  const isMost = (count: number): boolean => count >= 0.9 * schedules;
  const boundaries = isMost(exact) ? 'exact' : isMost(delayed) ? 'delayed' : 'lost';
  return { verdict, schedules, boundaries };
}

/** What must be seen of a server that is right. */
export function safeAfter(schedules: number): Seen {
  const boundaries = process.platform === 'linux' ? 'exact' : 'delayed';
  return { verdict: 'SAFE', schedules, boundaries };
}

/** Where frames lie that are sent one a request, each behind so many bytes of prefix. */
export function spansOf(requests: readonly Uint8Array[], prefixLength: number): FrameSpan[] {
  let start = 0;
  return requests.map(({ length }) => {
    const span = { start, payloadStart: start + prefixLength, end: start + length };
    start = span.end;
    return span;
  });
}
