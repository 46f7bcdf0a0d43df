// Proves a server, in any language, over a real socket: the same bytes whole and cut must get the same
// answer. Finds a schedule that breaks it, confirms it, makes it small.
//
// Rules:
// - BROKEN is said only of a schedule that failed three times in a row, each time after the server had
//   answered the whole requests rightly.
// - SAFE counts only schedules whose boundaries were seen to be kept, or says that none were.
// - What fails once and not again is never called a bug; if it was a wrong answer, it is not called
//   SAFE either.

import { formatAddress } from '../../deliver/address.ts';
import type { Boundary } from '../../deliver/sender.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import { Inconclusive } from './inconclusive.ts';
import type { Failure, ScheduleCounts, ServerReport, Verdict } from './report.ts';
import { candidates } from './candidates.ts';
import { resolveProveServerOptions } from './options.ts';
import type { ProveServerOptions, ResolvedProveServerOptions } from './options.ts';
import { ServerUnderTest } from './server-under-test.ts';
import type { Judged } from './server-under-test.ts';
import { shrinkSchedule } from './shrink.ts';

const CONFIRMATIONS = 3;
/** A failure is confirmed with more patience than it was found with. */
const CONFIRM_PATIENCE = 2;

interface Outcome {
  readonly verdict: Verdict;
  readonly because?: string | undefined;
  readonly failure?: Failure | undefined;
}

/** The worst of a schedule's boundaries. One piece alone has none to lose. */
function achieved(boundaries: readonly Boundary[]): Boundary {
  if (boundaries.includes('lost')) {
    return 'lost';
  }
  return boundaries.includes('delayed') ? 'delayed' : 'exact';
}

class Prover {
  readonly counts: Record<Boundary, number> = { exact: 0, delayed: 0, lost: 0 };
  readonly #options: ResolvedProveServerOptions;
  readonly #server: ServerUnderTest;
  /** The schedule in play, for when the server dies for good. */
  #suspect: Failure | undefined;

  constructor(server: ServerUnderTest) {
    this.#server = server;
    this.#options = server.options;
  }

  get suspect(): Failure | undefined {
    return this.#suspect;
  }

  async prove(): Promise<Outcome> {
    const deadline = performance.now() + this.#options.time;
    let runs = 0;
    let unconfirmed: Failure | undefined;
    for (const schedule of this.#schedules()) {
      if (performance.now() >= deadline) {
        break;
      }
      const judged = await this.#server.run(schedule);
      this.counts[achieved(judged.answer.boundaries)]++;
      if (judged.difference !== undefined) {
        const failure = await this.#pursue(schedule, judged);
        if (failure !== undefined) {
          return { verdict: 'BROKEN', failure };
        }
        if (judged.difference.kind !== 'short' || judged.answer.end !== 'open') {
          unconfirmed ??= this.#suspect;
        }
        this.#suspect = undefined;
      }
      runs++;
      if (runs >= this.#options.runs) {
        break;
      }
    }
    return this.#conclude(unconfirmed);
  }

  #schedules(): Iterable<Schedule> {
    const { replay, requests, seed, runs, frames } = this.#options;
    const lengths = requests.map(({ length }) => length);
    return replay ?? candidates({ lengths, seed, runs, frames });
  }

  #conclude(unconfirmed: Failure | undefined): Outcome {
    const { exact, delayed, lost } = this.counts;
    if (unconfirmed !== undefined) {
      const because = 'an answer differed once and not again with the same schedule';
      return { verdict: 'INCONCLUSIVE', because, failure: unconfirmed };
    }
    if (exact + delayed + lost === 0) {
      return { verdict: 'INCONCLUSIVE', because: 'no schedule was played in the time given' };
    }
    if (exact + delayed === 0) {
      const because = 'the server left pieces unread, so that no cut reached it as a cut';
      return { verdict: 'INCONCLUSIVE', because };
    }
    const because = exact > 0 ? undefined : 'by pauses only: the network may have undone cuts';
    return { verdict: 'SAFE', because };
  }

  /** Whether it fails again; the smallest schedule that does, confirmed. */
  async #pursue(found: Schedule, judged: Judged): Promise<Failure | undefined> {
    this.#suspect = this.#failure(found, found, { judged, count: 0 });
    if ((await this.#fails(found, CONFIRM_PATIENCE)) === undefined) {
      return undefined;
    }
    const lengths = this.#options.requests.map(({ length }) => length);
    const breaks = async (schedule: Schedule): Promise<boolean> =>
      (await this.#fails(schedule, 1)) !== undefined;
    const replaying = this.#options.replay !== undefined;
    const smallest = replaying ? found : await shrinkSchedule(found, { lengths, breaks });
    return (await this.#confirm(smallest, found)) ?? (await this.#confirm(found, found));
  }

  async #confirm(schedule: Schedule, found: Schedule): Promise<Failure | undefined> {
    let failure: Failure | undefined;
    for (let count = 1; count <= CONFIRMATIONS; count++) {
      const judged = await this.#fails(schedule, CONFIRM_PATIENCE);
      if (judged === undefined) {
        return undefined;
      }
      failure = this.#failure(schedule, found, { judged, count });
    }
    await this.#server.heal();
    return failure;
  }

  /** One more run, of a server that is known to be well. */
  async #fails(schedule: Schedule, factor: number): Promise<Judged | undefined> {
    await this.#server.heal();
    const judged = await this.#server.run(schedule, factor);
    return judged.difference === undefined ? undefined : judged;
  }

  #failure(
    schedule: Schedule,
    found: Schedule,
    { judged, count }: { judged: Judged; count: number },
  ): Failure {
    const { bytes, end } = judged.answer;
    const { expected, serverEnding } = this.#server;
    return {
      schedule,
      found,
      difference: judged.difference ?? { kind: 'bytes', at: 0 },
      whole: { bytes: expected.bytes, end: expected.end },
      cut: { bytes, end },
      confirmations: count,
      serverEnding,
    };
  }
}

async function outcomeOf(
  options: ResolvedProveServerOptions,
): Promise<{ outcome: Outcome; counts: ScheduleCounts }> {
  let server: ServerUnderTest | undefined;
  let prover: Prover | undefined;
  try {
    server = await ServerUnderTest.open(options);
    prover = new Prover(server);
    return { outcome: await prover.prove(), counts: prover.counts };
  } catch (error) {
    if (!(error instanceof Inconclusive)) {
      throw error;
    }
    const counts = prover?.counts ?? { exact: 0, delayed: 0, lost: 0 };
    const outcome: Outcome = {
      verdict: 'INCONCLUSIVE',
      because: error.message,
      failure: prover?.suspect,
    };
    return { outcome, counts };
  } finally {
    await server?.close();
  }
}

/**
 * Sends the requests whole and then cut in many ways, and compares the answers. Resolves to a report,
 * whatever the server does; throws UsageError for options that cannot be meant.
 */
export async function proveServer(given: ProveServerOptions): Promise<ServerReport> {
  const options = resolveProveServerOptions(given);
  const begin = performance.now();
  const { outcome, counts } = await outcomeOf(options);
  const { host, port, seed, requests, frames } = options;
  return {
    verdict: outcome.verdict,
    because: outcome.because,
    target: formatAddress({ host, port }),
    seed,
    schedules: { ...counts },
    elapsed: Math.round(performance.now() - begin),
    requests,
    frames,
    failure: outcome.failure,
  };
}
