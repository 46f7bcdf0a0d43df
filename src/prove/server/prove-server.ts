// Proves a server, or another program, in any language, over a real connection: the same bytes, whole and
// cut, must get the same answer. If a schedule breaks the program, the prover makes the schedule small and
// confirms it (pursuit.ts).

import type { Dialogue } from '../dialogue/dialogue.ts';
import type { ServerReport } from '../evidence/report.ts';
import { warningsOf } from '../evidence/warnings.ts';
import type { TrialKind } from '../trials/trial.ts';
import { Inconclusive } from './inconclusive.ts';
import { resolveProveServerOptions, toReplay } from './options.ts';
import type { ProveServerOptions, ResolvedProveServerOptions } from './options.ts';
import { Prover } from './prover.ts';
import type { Outcome } from './prover.ts';
import { rehearse } from './rehearsal.ts';
import { ServerUnderTest } from './server-under-test.ts';
import { speakerFor, subjectOf } from './where.ts';

/**
 * Returns the reason why no schedule of a kind was played, if playing itself showed no reason. `undefined`
 * leaves the kind out of the report.
 */
function reasonOf(
  kind: TrialKind,
  options: ResolvedProveServerOptions,
  { lockstep, endedBy }: Prover,
): string | undefined {
  const { requests, replay } = options;
  if (kind === 'replay') {
    return undefined;
  }
  if (replay !== undefined) {
    return 'the schedules of a file are played alone';
  }
  if (options.dialogue !== undefined && ['repeats', 'deep', 'joined'].includes(kind)) {
    return 'a dialogue is said once on a connection, step by step';
  }
  if (kind === 'large' && requests.every(({ length }) => length <= 65_536)) {
    return 'no request is that long';
  }
  if (kind === 'joined' && requests.length < 2) {
    return 'there is one request; repeats join it with itself';
  }
  if (lockstep && ['joined', 'fin', 'deep'].includes(kind)) {
    return 'requests wait for answers';
  }
  if (endedBy === 'runs' || endedBy === 'time') {
    return `${endedBy === 'runs' ? '--runs' : '--time'} ended the proof before its turn`;
  }
  return endedBy === 'all' ? 'the requests are too short for it' : undefined;
}

/** Everything of which a report is made, besides the options. */
interface Done {
  readonly outcome: Outcome;
  readonly prover: Prover;
  readonly server: ServerUnderTest;
  /** Warnings of the rehearsal. */
  readonly doubts: readonly string[];
}

/**
 * Result of the rehearsal. `options` has the steps of the prover's side as the requests. `doubt` says why the
 * dialogue may not fit.
 */
interface Known {
  readonly options: ResolvedProveServerOptions;
  readonly doubt: string | undefined;
}

/** Rehearses the dialogue: plays it once, without cuts. */
async function rehearsed({ options, server }: ServerUnderTest, dialogue: Dialogue): Promise<Known> {
  const { where, patience } = options;
  const exchange = await server.connect();
  const speaker = speakerFor(where);
  const { said: requests, doubt } = await rehearse(exchange, dialogue, { speaker, patience });
  return { options: { ...options, requests, replay: toReplay(options.replay, requests) }, doubt };
}

async function prove(options: ResolvedProveServerOptions): Promise<Done> {
  let server = new ServerUnderTest(options);
  let prover = new Prover(server);
  let doubts: readonly string[] = [];
  try {
    await server.server.start();
    if (options.dialogue !== undefined) {
      const known = await rehearsed(server, options.dialogue);
      await server.server.close();
      doubts = known.doubt === undefined ? [] : [known.doubt];
      server = new ServerUnderTest(known.options);
      prover = new Prover(server);
      await server.server.start();
    }
    return { outcome: await prover.prove(), prover, server, doubts };
  } catch (error) {
    if (!(error instanceof Inconclusive)) {
      throw error;
    }
    prover.endedBy = 'reason';
    const { varying } = error;
    const because = (prover.tally.count === 0 ? server.server.doubt : undefined) ?? error.message;
    const outcome = { verdict: 'INCONCLUSIVE', because, varying, failure: prover.suspect } as const;
    return { outcome, prover, server, doubts };
  } finally {
    await server.server.close();
  }
}

/**
 * Sends the requests whole and then cut in many ways, and compares the answers. Resolves to a report,
 * whatever the server does. Rejects with UsageError ERR_OPTION, ERR_SCHEDULE or ERR_DIALOGUE for wrong
 * options.
 */
export async function proveServer(given: ProveServerOptions): Promise<ServerReport> {
  const options = resolveProveServerOptions(given);
  const begin = performance.now();
  const { outcome, prover, server, doubts } = await prove(options);
  const { seed, requests, frames, where } = server.options;
  const subject = subjectOf(where);
  const baseline = server.hasBaseline ? server.baseline : undefined;
  const isPlayed = prover.tally.count > 0;
  return {
    verdict: outcome.verdict,
    // The reasons speak of a server, because nearly every program is a server. Put the right word in here.
    because: outcome.because?.replaceAll('the server', `the ${subject}`),
    target: server.server.name,
    subject,
    seed,
    schedules: { ...prover.tally.schedules },
    evidence: { ...prover.tally.evidence },
    endedBy: prover.endedBy,
    tried: isPlayed ? prover.tally.table((kind) => reasonOf(kind, options, prover)) : [],
    elapsed: Math.round(performance.now() - begin),
    requests,
    frames,
    answer: baseline && { bytes: baseline.bytes, end: baseline.end },
    warnings: [
      ...doubts,
      ...(baseline === undefined ? [] : [...warningsOf(baseline), ...prover.warnings]),
    ],
    varying: outcome.varying,
    failure: outcome.failure,
  };
}
