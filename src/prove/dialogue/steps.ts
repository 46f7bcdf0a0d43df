// The two sides of a step: the speaker renders the bytes, and the listener finds where the step ends and
// which values it holds. Pure, except that proofs compute digests.

import { literalBytes } from './dialogue.ts';
import type { Part, SpokenStep, Values } from './dialogue.ts';
import { PROOFS } from './proofs.ts';
import { Unsayable } from './unsayable.ts';

const LINE_FEED = 10;

/** Returns the bytes of a step, with captured values and proofs in their places. Throws Unsayable. */
export function render(parts: readonly Part[], values: Values): Uint8Array {
  return Buffer.concat(parts.map((part) => renderPart(part, values)));
}

function renderPart(part: Part, values: Values): Uint8Array {
  if ('value' in part) {
    return values.get(part.value) ?? unsayable(`the value "${part.value}" was not captured`);
  }
  if (!('proof' in part)) {
    return literalBytes(part);
  }
  const inputs = Object.entries(part.with).map(([name, given]): [string, Buffer] => [
    name,
    Buffer.from(typeof given === 'string' ? given : render(given, values)),
  ]);
  const proof = PROOFS[part.proof] ?? unsayable(`there is no proof "${part.proof}"`);
  return proof.of(new Map(inputs));
}

/**
 * Function that looks for the end of a step in bytes that begin with the step. Each call must get the bytes
 * of the previous call, and perhaps more. Returns the length of the step, or `undefined` while more bytes
 * must come. Throws Unsayable.
 */
export type EndFinder = (heard: Uint8Array) => number | undefined;

/**
 * Makes the function that finds the end of a step. All its calls together take time linear in the bytes.
 * Without `until`, the step is as long as `say` with the values that are known at the first call.
 */
export function endFinder(step: SpokenStep, values: Values): EndFinder {
  const { until } = step;
  if (until === undefined || 'length' in until) {
    return lengthFinder(() => until?.length ?? render(step.say, values).length);
  }
  return 'marker' in until ? markerFinder(literalBytes(until.marker)) : linesFinder(until.lines);
}

function lengthFinder(lengthOf: () => number): EndFinder {
  let length: number | undefined;
  return (heard) => {
    length ??= lengthOf();
    return heard.length >= length ? length : undefined;
  };
}

function markerFinder(marker: Uint8Array): EndFinder {
  /** Offset in front of which no marker begins, because the bytes there were searched. */
  let from = 0;
  return (heard) => {
    const at = view(heard).indexOf(marker, from);
    from = at < 0 ? Math.max(from, heard.length - marker.length + 1) : at;
    return at < 0 ? undefined : at + marker.length;
  };
}

function linesFinder(lines: number): EndFinder {
  let left = lines;
  /** Offset up to which the bytes have been searched for line feeds. */
  let end = 0;
  return (heard) => {
    while (left > 0) {
      const at = heard.indexOf(LINE_FEED, end);
      if (at < 0) {
        end = heard.length;
        return undefined;
      }
      end = at + 1;
      left--;
    }
    return end;
  };
}

function unsayable(why: string): never {
  throw new Unsayable(why);
}

/** Place of a captured value in the bytes of a step. */
export interface Captured {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Finds the values of a step in its bytes. Leaves out a value that is not there. */
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

/** Adds the values of a step to `values`, for later steps. Returns the places of the values in the bytes. */
export function keepValues(
  step: SpokenStep,
  bytes: Uint8Array,
  values: Map<string, Uint8Array>,
): readonly Captured[] {
  const found = capturesIn(step, bytes);
  for (const { name, start, end } of found) {
    values.set(name, bytes.slice(start, end));
  }
  return found;
}

/** Returns the bytes with the name of each value, such as `{value1}`, in the place of the value. */
export function blanked(bytes: Uint8Array, captured: readonly Captured[]): Buffer {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { name, start, end } of captured.toSorted((one, other) => one.start - other.start)) {
    if (start >= from) {
      parts.push(bytes.subarray(from, start), Buffer.from(`{${name}}`));
      from = end;
    }
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
