// The rehearsal of a dialogue: the dialogue is played once, without cuts. It shows the bytes of the prover's
// side. If the script does not fit the program, the verdict is INCONCLUSIVE before anything is cut.

import { isSpoken } from '../dialogue/dialogue.ts';
import type { Dialogue, Speaker, SpokenStep, Values } from '../dialogue/dialogue.ts';
import { blanked, capturesIn, endFinder, keepValues, render } from '../dialogue/steps.ts';
import { Unsayable } from '../dialogue/unsayable.ts';
import { printable, quantity } from '../../text.ts';
import { firstDifference } from '../evidence/answers.ts';
import type { Exchange } from './exchange.ts';
import { Inconclusive } from './inconclusive.ts';
import { untilQuiet } from './listening.ts';
import { toServer } from '../trials/trial.ts';

/** Maximum number of characters of a wrong answer that a message shows. */
const SHOWN = 160;

/** What the rehearsal showed. */
export interface Rehearsed {
  /** Steps of the prover's side, as they were said on this connection. */
  readonly said: readonly Uint8Array[];
  /** Reason why the script may not fit, although the remote followed it. `undefined` if it fits. */
  readonly doubt: string | undefined;
}

interface Rehearsal {
  readonly exchange: Exchange;
  readonly values: Map<string, Uint8Array>;
  /** Time in ms that the remote has to say the next bytes of a step. */
  readonly patience: number;
}

/**
 * Plays a dialogue. `speaker` is the prover's side. Throws Inconclusive if the remote does not follow the
 * script.
 */
export async function rehearse(
  exchange: Exchange,
  dialogue: Dialogue,
  { speaker, patience }: { readonly speaker: Speaker; readonly patience: number },
): Promise<Rehearsed> {
  const rehearsal: Rehearsal = { exchange, patience, values: new Map() };
  const said: Uint8Array[] = [];
  let doubt: string | undefined;
  let heard = 0;
  for (const [index, step] of dialogue.steps.entries()) {
    if (!isSpoken(step)) {
      continue;
    }
    try {
      if (step.from === speaker) {
        said.push(await say(step, rehearsal));
      } else {
        const bytes = await hear(index, step, { ...rehearsal, heard });
        doubt ??= isAsRecorded(step, bytes, rehearsal.values)
          ? undefined
          : `step ${index} of the dialogue differs from what the ${step.from} says now: ${quoted(exchange.bytes.subarray(heard))}; record the dialogue again if this is an error`;
        heard += bytes.length;
      }
    } catch (error) {
      throw error instanceof Unsayable
        ? misfit(`step ${index} cannot be said: ${error.message}; see what its values capture`)
        : error;
    }
  }
  return { said, doubt };
}

async function say(
  step: SpokenStep,
  { exchange, values, patience }: Rehearsal,
): Promise<Uint8Array> {
  const bytes = render(step.say, values);
  keepValues(step, bytes, values);
  await exchange.play(toServer([], 0), [bytes], { pause: 0, unread: patience });
  return bytes;
}

/**
 * Waits for a step of the remote, which begins after `heard` bytes. Throws Inconclusive if the step does not
 * come.
 */
async function hear(
  index: number,
  step: SpokenStep,
  { exchange, values, patience, heard }: Rehearsal & { readonly heard: number },
): Promise<Uint8Array> {
  const find = endFinder(step, values);
  const { satisfied: floods } = untilQuiet(
    { patience, until: 'same-length', normalize: undefined },
    true,
  );
  const satisfied = (bytes: Uint8Array): boolean =>
    floods(bytes) || find(bytes.subarray(heard)) !== undefined;
  await exchange.listen({ satisfied, first: patience, quiet: patience });
  const rest = exchange.bytes.subarray(heard);
  const length = find(rest);
  if (length === undefined) {
    throw mismatch(index, rest);
  }
  const bytes = rest.subarray(0, length);
  keepValues(step, bytes, values);
  const missing = Object.keys(step.capture ?? {}).find((name) => !values.has(name));
  if (missing !== undefined) {
    throw misfit(
      `step ${index} has no value "${missing}" in ${quoted(bytes)}; correct its "capture"`,
    );
  }
  return bytes;
}

/**
 * Returns whether the remote said the bytes of the file, apart from captured values. If the file has no bytes
 * for the step, the result is true. A step may end where the file says and still hold other bytes, such as a
 * refusal that is as long as the recorded answer.
 */
function isAsRecorded(step: SpokenStep, bytes: Uint8Array, values: Values): boolean {
  if (step.say.length === 0) {
    return true;
  }
  const expected = blankedStep(step, render(step.say, values));
  const came = blankedStep(step, bytes);
  return expected.length === came.length && firstDifference(expected, came) === came.length;
}

function blankedStep(step: SpokenStep, bytes: Uint8Array): Uint8Array {
  return blanked(bytes, capturesIn(step, bytes));
}

function misfit(why: string): Inconclusive {
  return new Inconclusive(`the dialogue does not fit: ${why}`);
}

function mismatch(index: number, bytes: Uint8Array): Inconclusive {
  const what =
    bytes.length === 0
      ? 'nothing came'
      : `only ${quantity(bytes.length, 'byte')} came: ${quoted(bytes)}`;
  return misfit(`in step ${index} ${what}; correct its "until", or record it again`);
}

function quoted(bytes: Uint8Array): string {
  return printable(Buffer.from(bytes.subarray(0, SHOWN)).toString('latin1'), { maxLength: SHOWN });
}
