// Proves a server that nobody here wrote, and prints in one line what was seen.
//
// A server that is right must be SAFE, and on Linux loopback every single schedule must have had exact
// boundaries: otherwise SAFE would say less than it seems to.

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
export const provingTime = 120_000;

export interface Proof extends Omit<ProveServerOptions, 'to' | 'seed'> {
  readonly port: number;
}

export interface Seen extends ScheduleCounts {
  /** SAFE, or else the whole report, for a person. */
  readonly verdict: string;
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
  const seconds = report.elapsed / 1000;
  const rate = ((exact + delayed + lost) / seconds).toFixed(0);
  console.log(
    `${name}: ${report.verdict} after ${exact + delayed + lost} schedules in ` +
      `${seconds.toFixed(1)} s (${rate} a second; exact ${exact}, delayed ${delayed}, lost ${lost})`,
  );
  const verdict = report.verdict === 'SAFE' ? 'SAFE' : renderReport(report);
  return { verdict, exact, delayed, lost };
}

/** What must be seen of a server that is right. */
export function safeAfter(schedules: number): Seen {
  const isSeen = process.platform === 'linux';
  const [exact, delayed] = isSeen ? [schedules, 0] : [0, schedules];
  return { verdict: 'SAFE', exact, delayed, lost: 0 };
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
