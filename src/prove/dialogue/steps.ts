// What the two sides of a step do: the speaker renders its bytes, and the listener finds where they end and
// which values are in them. Pure but for the digests of proofs.

import { literalBytes } from './dialogue.ts';
import type { Part, SpokenStep, Values } from './dialogue.ts';
import { PROOFS } from './proofs.ts';
import { refuseDialogue } from './refuse.ts';

const LINE_FEED = 10;

/** The bytes of a step, with captured values and proofs in their places. Throws UsageError ERR_DIALOGUE. */
export function render(parts: readonly Part[], values: Values): Uint8Array {
  return Buffer.concat(parts.map((part) => renderPart(part, values)));
}

function renderPart(part: Part, values: Values): Uint8Array {
  if ('value' in part) {
    return values.get(part.value) ?? refuseDialogue(`The value "${part.value}" was not captured.`);
  }
  if (!('proof' in part)) {
    return literalBytes(part);
  }
  const inputs = Object.entries(part.with).map(([name, given]): [string, Buffer] => [
    name,
    Buffer.from(typeof given === 'string' ? given : render(given, values)),
  ]);
  const proof = PROOFS[part.proof] ?? refuseDialogue(`There is no proof "${part.proof}".`);
  return proof.of(new Map(inputs));
}

/**
 * Number of bytes at the start of `heard` that are the step, or undefined while more must come. Without
 * `until`, captured values in `say` have the length that they had on this connection.
 */
export function heardLength(
  step: SpokenStep,
  heard: Uint8Array,
  values: Values,
): number | undefined {
  const { until } = step;
  if (until === undefined || 'length' in until) {
    const length = until?.length ?? render(step.say, values).length;
    return heard.length >= length ? length : undefined;
  }
  if ('marker' in until) {
    const marker = literalBytes(until.marker);
    const at = view(heard).indexOf(marker);
    return at < 0 ? undefined : at + marker.length;
  }
  let end = 0;
  for (let line = 0; line < until.lines; line++) {
    const at = heard.indexOf(LINE_FEED, end);
    if (at < 0) {
      return undefined;
    }
    end = at + 1;
  }
  return end;
}

/** Where a captured value lies in the bytes of a step. */
export interface Captured {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Finds the values of a step in its bytes. A value that is not there is left out. */
export function capturesIn(step: SpokenStep, bytes: Uint8Array): readonly Captured[] {
  const found: Captured[] = [];
  for (const [name, capture] of Object.entries(step.capture ?? {})) {
    let start: number;
    let end: number;
    if ('at' in capture) {
      start = capture.at;
      end = start + capture.length;
    } else {
      const after = literalBytes(capture.after);
      const at = view(bytes).indexOf(after);
      start = at + after.length;
      end = at < 0 ? -1 : view(bytes).indexOf(literalBytes(capture.before), start);
    }
    if (end >= start && end <= bytes.length) {
      found.push({ name, start, end });
    }
  }
  return found;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
