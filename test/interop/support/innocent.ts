// Proves servers that nobody here wrote and that make no mistake: they must be SAFE, or there must be a
// reason why nothing can be said. Dialogues are written here step by step.

import { FEW_SCHEDULES } from './proving.ts';
import type { Capture, Part, Step, StepEnd } from '../../../src/prove/dialogue/dialogue.ts';
import { parseDialogue } from '../../../src/prove/dialogue/parse.ts';
import { renderReport } from '../../../src/prove/evidence/report-text.ts';
import { proveServer } from '../../../src/prove/server/prove-server.ts';
import type { ProveServerOptions } from '../../../src/prove/server/options.ts';

/** UNSTICK_SEED plays the schedules of a failure again. */
const given = process.env['UNSTICK_SEED'];
const RUNS = FEW_SCHEDULES;
/** Most of the servers take 2 to 10 s; none may take longer for playing, in ms. */
const MAX_TIME = 15_000;

/** SAFE, `INCONCLUSIVE: ` and the reason, or the whole report. The seed is printed. */
export async function verdictOn(
  name: string,
  steps: readonly Step[] | undefined,
  options: ProveServerOptions,
): Promise<string> {
  // Through the parser, as a file would come.
  const dialogue = steps && parseDialogue(JSON.stringify({ version: 1, steps }));
  const seed = given === undefined ? undefined : Number(given);
  const report = await proveServer({ runs: RUNS, time: MAX_TIME, seed, dialogue, ...options });
  const { verdict, evidence, elapsed } = report;
  console.log(
    `${name}: ${verdict} with seed ${report.seed}, after ${evidence.exact} exact and ` +
      `${evidence.delayed} delayed schedules that cut, in ${(elapsed / 1000).toFixed(1)} s`,
  );
  if (verdict === 'INCONCLUSIVE') {
    return `${verdict}: ${report.because ?? ''}`;
  }
  return verdict === 'SAFE' ? verdict : renderReport(report);
}

type Captures = Readonly<Record<string, Capture>>;

/** The client says this, whole: a line of text, bytes, or parts. */
export function says(what: string | Uint8Array | readonly Part[], capture?: Captures): Step {
  return { from: 'client', say: partsOf(what), ...(capture && { capture }) };
}

/** The server says something that ends so: after so many lines, at a text, or after so many bytes. */
export function answers(until: number | string | StepEnd, capture?: Captures): Step {
  return { from: 'server', say: [], until: endOf(until), ...(capture && { capture }) };
}

/** The value between two texts. */
export function between(after: string, before: string): Capture {
  return { after: { text: after }, before: { text: before } };
}

function partsOf(what: string | Uint8Array | readonly Part[]): readonly Part[] {
  if (typeof what === 'string') {
    return [{ text: what }];
  }
  return what instanceof Uint8Array ? [{ hex: Buffer.from(what).toString('hex') }] : what;
}

function endOf(until: number | string | StepEnd): StepEnd {
  if (typeof until === 'number') {
    return { lines: until };
  }
  return typeof until === 'string' ? { marker: { text: until } } : until;
}
