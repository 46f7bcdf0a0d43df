// Reads a JSON file of several programs to prove. Each of its `targets` is one command line as an object:
// `target` is the first word, `name` is for the report, and every other key is an option without its dashes.

import { refuse, shown } from '../options.ts';
import { printable } from '../text.ts';
import { reading, readText } from './inputs.ts';
import type { OptionRow } from './option-table.ts';
import { PROVE_OPTIONS } from './prove-options.ts';
import type { ProveFlags } from './prove-options.ts';

const VERSION = 1;
/** Options that apply to the whole run, so no entry may have them. */
const OF_THE_RUN: readonly string[] = ['targets', 'json', 'junit', 'github'];
const HINT =
  'Such as {"version":1,"targets":[{"name":"echo","target":":9000","send":["text:hi"]}]}.';

export interface TargetEntry {
  readonly name: string;
  readonly target: string | undefined;
  readonly flags: ProveFlags;
}

/** Reads a file of targets. Throws UnreadableInput, whose message names the entry and the field. */
export function readTargets(path: string): readonly TargetEntry[] {
  const text = readText(path);
  return reading(() => toTargets(parsed(text, path)));
}

function toTargets(given: unknown): readonly TargetEntry[] {
  const { version, targets } = fieldsOf('The file of targets', given);
  if (version !== VERSION) {
    refuse(`The file of targets is of version ${shown(version)}, not ${VERSION}.`, HINT);
  }
  if (!Array.isArray(targets) || targets.length === 0) {
    return refuse('The file has no list of targets.', HINT);
  }
  return targets.map((entry, index) => entryOf(`Target ${index}`, entry));
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(`The file ${printable(path)} is not JSON.`, HINT);
  }
}

function entryOf(place: string, given: unknown): TargetEntry {
  const { name, target, ...options } = fieldsOf(place, given);
  const flags = Object.entries(options).map(([option, value]): [string, unknown] => {
    const found = Object.entries(PROVE_OPTIONS).find(([, row]) => wordOf(row) === option);
    if (found === undefined || OF_THE_RUN.includes(option)) {
      return refuse(`${place} has an option ${printable(option)}, which is none of a target.`);
    }
    const [flag, row] = found;
    return [flag, valueOf(`${place}: ${option}`, row, value)];
  });
  return {
    name: textOf(`${place}: name`, name ?? target ?? place),
    target: target === undefined ? undefined : textOf(`${place}: target`, target),
    flags: Object.fromEntries(flags),
  };
}

/** Returns flags such as `--tls-ca <file>` as the key `tls-ca`. */
function wordOf({ flags }: OptionRow): string {
  return flags.replace(/^--/, '').replace(/ .*$/, '');
}

/** Returns a value of the file in the form that the command line would give it. */
function valueOf(place: string, { flags, parse, repeatable }: OptionRow, value: unknown): unknown {
  if (!flags.includes(' ')) {
    return typeof value === 'boolean' ? value : refuse(`${place} must be true or false.`);
  }
  if (repeatable === true && Array.isArray(value)) {
    return value.map((each) => textOf(place, each));
  }
  const word = textOf(place, value);
  const read = parse === undefined ? word : parse(word, place);
  return repeatable === true ? [read] : read;
}

function textOf(place: string, value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : refuse(`${place} must be text or a number, not ${shown(value)}.`);
}

function fieldsOf(place: string, given: unknown): Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
    ? Object.fromEntries(Object.entries(given))
    : refuse(`${place} must be an object, not ${shown(given)}.`, HINT);
}
