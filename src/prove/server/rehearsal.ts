// The rehearsal of a dialogue: it is played once, whole. Then the bytes of the prover's side are known, and a
// script that does not fit the program is INCONCLUSIVE before anything is cut.

import { isSpoken } from '../dialogue/dialogue.ts';
import type { Dialogue, Speaker, SpokenStep } from '../dialogue/dialogue.ts';
import { capturesIn, heardLength, render } from '../dialogue/steps.ts';
import { printable } from '../../text.ts';
import type { Exchange } from './exchange.ts';
import { Inconclusive } from './inconclusive.ts';
import { toServer } from '../trials/trial.ts';

/** Maximum number of characters of a wrong answer that a message shows. */
const SHOWN = 160;

/**
 * Plays a dialogue. Returns the steps of `speaker`, as said on this connection. Throws Inconclusive if the
 * remote does not follow the script.
 */
export async function rehearse(
  exchange: Exchange,
  dialogue: Dialogue,
  { speaker, patience }: { readonly speaker: Speaker; readonly patience: number },
): Promise<readonly Uint8Array[]> {
  const values = new Map<string, Uint8Array>();
  const said: Uint8Array[] = [];
  let heard = 0;
  for (const [index, step] of dialogue.steps.entries()) {
    if (!isSpoken(step)) {
      continue;
    }
    if (step.from === speaker) {
      const bytes = render(step.say, values);
      said.push(bytes);
      await exchange.play(toServer([], 0), [bytes], { pause: 0, unread: patience });
      continue;
    }
    const lengthOf = (bytes: Uint8Array): number | undefined =>
      heardLength(step, bytes.subarray(heard), values);
    const satisfied = (bytes: Uint8Array): boolean => lengthOf(bytes) !== undefined;
    await exchange.listen({ satisfied, first: patience, quiet: patience });
    const length = lengthOf(exchange.bytes);
    if (length === undefined) {
      throw mismatch(index, exchange.bytes.subarray(heard));
    }
    const bytes = exchange.bytes.subarray(heard, heard + length);
    heard += length;
    keepValues(index, step, { bytes, values });
  }
  return said;
}

function keepValues(
  index: number,
  step: SpokenStep,
  { bytes, values }: { readonly bytes: Uint8Array; readonly values: Map<string, Uint8Array> },
): void {
  for (const { name, start, end } of capturesIn(step, bytes)) {
    values.set(name, bytes.slice(start, end));
  }
  const missing = Object.keys(step.capture ?? {}).find((name) => !values.has(name));
  if (missing !== undefined) {
    throw new Inconclusive(
      `the dialogue does not fit: step ${index} has no value "${missing}" in ${quoted(bytes)}; correct its "capture"`,
    );
  }
}

function mismatch(index: number, bytes: Uint8Array): Inconclusive {
  const what =
    bytes.length === 0 ? 'nothing came' : `only ${bytes.length} bytes came: ${quoted(bytes)}`;
  return new Inconclusive(
    `the dialogue does not fit: in step ${index} ${what}; correct its "until", or record it again`,
  );
}

function quoted(bytes: Uint8Array): string {
  return printable(Buffer.from(bytes.subarray(0, SHOWN)).toString('latin1'), { maxLength: SHOWN });
}
