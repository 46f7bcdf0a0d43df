// Reads and writes dialogue files. A message about a mistake names its place. The written file can be edited
// by a person.

import { refuseDialogue } from './refuse.ts';
import { PROOFS } from './proofs.ts';
import type { Capture, Dialogue, Literal, Part, Speaker, Step, StepEnd } from './dialogue.ts';
import { printable } from '../../text.ts';
import { shown } from '../../options.ts';

const VERSION = 1;
/** Maximum number of steps. It keeps a file from filling the memory. */
const MAX_STEPS = 100_000;
const NAME = /^[A-Za-z][\w-]{0,63}$/;
const HEX = /^(?:[0-9a-f]{2})*$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

type Fields = Readonly<Record<string, unknown>>;

/** Reads a dialogue file. Throws UsageError ERR_DIALOGUE, whose message names the place of the mistake. */
export function parseDialogue(text: string): Dialogue {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    return refuseDialogue('A dialogue file must be JSON.', { cause });
  }
  const { version, steps, ...others } = fieldsOf('The dialogue', given);
  noOthers('The dialogue', others, ['version', 'steps']);
  if (version !== VERSION) {
    refuseDialogue(
      `The dialogue is of version ${shown(version)}; this program reads version ${VERSION}.`,
    );
  }
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > MAX_STEPS) {
    refuseDialogue(`A dialogue needs a list of 1 to ${MAX_STEPS} steps.`);
  }
  const known = new Set<string>();
  return {
    version: VERSION,
    steps: steps.map((step, index) => stepOf(`Step ${index}`, step, known)),
  };
}

/** Writes a dialogue in the form that `parseDialogue` reads, with one step in each line. */
export function formatDialogue(dialogue: Dialogue): string {
  const lines = dialogue.steps.map((step) => `    ${JSON.stringify(step)}`);
  return `{\n  "version": ${dialogue.version},\n  "steps": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** Checks one step. `known` has the names that earlier steps capture, and this step adds its own names. */
function stepOf(place: string, given: unknown, known: Set<string>): Step {
  const { from, say, fin, until, capture, ...others } = fieldsOf(place, given);
  noOthers(place, others, ['from', 'say', 'fin', 'until', 'capture']);
  const speaker = speakerOf(place, from);
  if (fin !== undefined) {
    if (fin !== true || say !== undefined || until !== undefined || capture !== undefined) {
      refuseDialogue(`${place}: "fin" must be true, and no field but "from" may stand beside it.`);
    }
    return { from: speaker, fin: true };
  }
  const parts = partsOf(`${place}: "say"`, say, known);
  const captured = capture === undefined ? undefined : capturesOf(place, capture);
  for (const name of Object.keys(captured ?? {})) {
    known.add(name);
  }
  return {
    from: speaker,
    say: parts,
    ...(until === undefined ? {} : { until: endOf(`${place}: "until"`, until) }),
    ...(captured === undefined ? {} : { capture: captured }),
  };
}

function speakerOf(place: string, given: unknown): Speaker {
  if (given !== 'client' && given !== 'server') {
    return refuseDialogue(`${place}: "from" must be "client" or "server", not ${shown(given)}.`);
  }
  return given;
}

function partsOf(place: string, given: unknown, known: ReadonlySet<string>): readonly Part[] {
  if (!Array.isArray(given)) {
    return refuseDialogue(`${place} must be a list of parts, not ${shown(given)}.`, {
      hint: 'Such as [{"text":"QUIT\\r\\n"}].',
    });
  }
  return given.map((part, index) => partOf(`${place}, part ${index}`, part, known));
}

function partOf(place: string, given: unknown, known: ReadonlySet<string>): Part {
  const fields = fieldsOf(place, given);
  if ('value' in fields) {
    noOthers(place, { ...fields, value: undefined }, ['value']);
    return { value: knownName(place, fields['value'], known) };
  }
  return 'proof' in fields ? proofOf(place, fields, known) : literalOf(place, fields);
}

function knownName(place: string, given: unknown, known: ReadonlySet<string>): string {
  if (typeof given !== 'string' || !known.has(given)) {
    return refuseDialogue(`${place}: no earlier step captures a value ${shown(given)}.`);
  }
  return given;
}

function proofOf(place: string, fields: Fields, known: ReadonlySet<string>): Part {
  const { proof, with: inputs, ...others } = fields;
  noOthers(place, others, ['proof', 'with']);
  const row = typeof proof === 'string' && Object.hasOwn(PROOFS, proof) ? PROOFS[proof] : undefined;
  if (row === undefined || typeof proof !== 'string') {
    return refuseDialogue(`${place}: there is no proof ${shown(proof)}.`, {
      hint: `Proofs are ${Object.keys(PROOFS).join(', ')}.`,
    });
  }
  const given = fieldsOf(`${place}: "with"`, inputs);
  noOthers(`${place}: "with"`, given, row.needs);
  const missing = row.needs.find((name) => given[name] === undefined);
  if (missing !== undefined) {
    return refuseDialogue(`${place}: the proof ${proof} needs "${missing}".`);
  }
  const entries = Object.entries(given).map(([name, value]): [string, string | readonly Part[]] => [
    name,
    typeof value === 'string' ? value : partsOf(`${place}: "${name}"`, value, known),
  ]);
  return { proof, with: Object.fromEntries(entries) };
}

function literalOf(place: string, given: unknown): Literal {
  const fields = fieldsOf(place, given);
  const { text, hex, base64, ...others } = fields;
  noOthers(place, others, ['text', 'hex', 'base64']);
  if (Object.keys(fields).length !== 1) {
    return refuseDialogue(`${place} must have exactly one of text, hex, base64.`);
  }
  if (typeof text === 'string') {
    return { text };
  }
  if (typeof hex === 'string' && HEX.test(hex.replaceAll(/[\s_]/g, ''))) {
    return { hex };
  }
  if (typeof base64 === 'string' && base64.length % 4 === 0 && BASE64.test(base64)) {
    return { base64 };
  }
  return refuseDialogue(`${place}: ${Object.keys(fields)[0]} is not well-formed.`);
}

function endOf(place: string, given: unknown): StepEnd {
  const { length, lines, marker, ...others } = fieldsOf(place, given);
  noOthers(place, others, ['length', 'lines', 'marker']);
  if ([length, lines, marker].filter((field) => field !== undefined).length !== 1) {
    return refuseDialogue(`${place} must have exactly one of length, lines, marker.`);
  }
  if (marker !== undefined) {
    return { marker: nonEmpty(`${place}: "marker"`, marker) };
  }
  return lines === undefined
    ? { length: count(`${place}: "length"`, length, 0) }
    : { lines: count(`${place}: "lines"`, lines, 1) };
}

function capturesOf(place: string, given: unknown): Readonly<Record<string, Capture>> {
  const entries = Object.entries(fieldsOf(`${place}: "capture"`, given));
  return Object.fromEntries(
    entries.map(([name, capture]) => {
      if (!NAME.test(name)) {
        refuseDialogue(`${place}: a value cannot be called ${printable(name)}.`, {
          hint: 'A name is a letter and up to 63 letters, digits, "_" or "-".',
        });
      }
      return [name, captureOf(`${place}: capture ${printable(name)}`, capture)];
    }),
  );
}

function captureOf(place: string, given: unknown): Capture {
  const { after, before, at, length, ...others } = fieldsOf(place, given);
  noOthers(place, others, ['after', 'before', 'at', 'length']);
  if (at !== undefined && length !== undefined && after === undefined && before === undefined) {
    return { at: count(`${place}: "at"`, at, 0), length: count(`${place}: "length"`, length, 1) };
  }
  if (after !== undefined && before !== undefined && at === undefined && length === undefined) {
    return {
      after: literalOf(`${place}: "after"`, after),
      before: nonEmpty(`${place}: "before"`, before),
    };
  }
  return refuseDialogue(`${place} must have "after" and "before", or "at" and "length".`);
}

function nonEmpty(place: string, given: unknown): Literal {
  const literal = literalOf(place, given);
  if (Object.values(literal)[0] === '') {
    refuseDialogue(`${place} is empty.`);
  }
  return literal;
}

function count(place: string, given: unknown, min: number): number {
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < min) {
    return refuseDialogue(`${place} must be a whole number, ${min} or more, not ${shown(given)}.`);
  }
  return given;
}

function fieldsOf(place: string, given: unknown): Fields {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuseDialogue(`${place} must be an object, not ${shown(given)}.`);
  }
  return Object.fromEntries(Object.entries(given));
}

/** Refuses a field that this version does not know: without this check a misspelt field would be ignored. */
function noOthers(place: string, others: Fields, known: readonly string[]): void {
  const other = Object.keys(others).find((name) => !known.includes(name));
  if (other !== undefined) {
    refuseDialogue(`${place} has the unknown field ${printable(other)}.`, {
      hint: `Known fields are ${known.join(', ')}.`,
    });
  }
}
