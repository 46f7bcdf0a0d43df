// The command `unstick formats`: the known formats and their frames, and the frame of any framing word.

import type { Command } from 'commander';
import { FAMILIES, ROWS } from '../codec/formats/formats.ts';
import type { Format, Framing } from '../codec/formats/framing-types.ts';
import { isUnstickError } from '../errors.ts';
import { drawCells, pictureOf } from '../framing/frame-picture.ts';
import { FORMAT_NAMES, isFormatName } from '../framing/framing.ts';
import { suggestion } from '../framing/nearest.ts';
import { parseFraming, printFraming } from '../framing/words.ts';
import { printable, printableJson } from '../text.ts';
import { COMMAND_EXITS, EXITS } from './exit-codes.ts';
import { FRAMES_WORDS } from './frame-words.ts';
import { helpText } from './help.ts';
import { reading, readText } from './inputs.ts';
import { addOptions } from './option-table.ts';
import type { OptionRow } from './option-table.ts';
import { printRaw, shownLine } from './print.ts';
import { hasColours, inTone } from './style.ts';
import type { Tone } from './style.ts';

interface FormatsFlags {
  readonly json?: boolean;
}

/** The options. --help and the table in docs/formats.md are made of these rows. */
export const FORMATS_OPTIONS: Readonly<Record<keyof FormatsFlags, OptionRow>> = {
  json: {
    flags: '--json',
    does: 'print JSON Lines: one object a format, with its family, name and description',
    preset: 'none',
  },
};

/** Width in characters that is used for an output that is no terminal. */
const WIDTH = 100;
const INDENT = '  ';

interface Row {
  readonly family: string;
  readonly name: string;
  readonly format: Format;
}

const ALL: readonly Row[] = Object.entries(FAMILIES).flatMap(([family, rows]) =>
  Object.keys(rows)
    .filter(isFormatName)
    .map((name) => ({ family, name, format: ROWS[name] })),
);

/** Returns the text that a search looks at, in small letters. */
function textOf({ family, name, format }: Row): string {
  const { codec, source, note } = format;
  return [family, name, codec, source, note].join(' ').toLowerCase();
}

/**
 * Returns the rows that have every word of the search. If the search is the name of a row, returns only that
 * row.
 */
function found(words: readonly string[]): readonly Row[] {
  const wanted = words.map((word) => word.toLowerCase());
  const named = ALL.filter(({ name }) => wanted.length === 1 && name.toLowerCase() === wanted[0]);
  return named.length > 0
    ? named
    : ALL.filter((row) => wanted.every((word) => textOf(row).includes(word)));
}

function tell(text: string, tone: Tone = 'plain'): void {
  const shown = shownLine(text);
  printRaw(`${hasColours(process.stdout) ? inTone(shown, tone) : shown}\n`);
}

/** Prints the frame as boxes, and then the facts that boxes cannot show. */
function tellFrame(framing: Framing): void {
  const { cells, notes } = pictureOf(framing);
  const width = (process.stdout.columns ?? WIDTH) - INDENT.length;
  for (const line of [...drawCells(cells, width), ...notes]) {
    tell(`${INDENT}${line}`);
  }
}

function tellRow({ name, format }: Row): void {
  const { source, note, known, seen } = format;
  const limits: Readonly<Record<string, unknown>> = { ...format };
  const most = limits['maxPayloadLength'] ?? limits['maxLength'];
  tell(name, 'bold');
  tell(`${INDENT}${source}`, 'dim');
  tellFrame(format);
  tell(`${INDENT}${note}`);
  const limit = typeof most === 'number' ? `a payload has at most ${most} bytes; ` : '';
  tell(`${INDENT}${limit}known by ${known}${seen === undefined ? '' : `: ${seen}`}`, 'dim');
  tell(`${INDENT}--frames ${name}`, 'dim');
}

/** Prints every name on a line of its own, with the specification of the format. */
function tellList(): void {
  const widest = Math.max(...ALL.map(({ name }) => name.length));
  let before: string | undefined;
  for (const { family, name, format } of ALL) {
    if (family !== before) {
      printRaw(before === undefined ? '' : '\n');
      tell(family, 'bold');
    }
    before = family;
    tell(`${INDENT}${name.padEnd(widest)}  ${format.source}`);
  }
  printRaw('\n');
  tell(`${ALL.length} formats; unstick formats NAME draws the frame of one`, 'dim');
}

/**
 * Whether a word must be a framing: a description, a file, or a word with an offset or a number of bytes. Any
 * other word may be a search.
 */
function isDescription(word: string): boolean {
  return /^[@{]|^\w+[@+]\d/.test(word);
}

/**
 * Returns the framing that a word stands for, or `undefined` if the word stands for none. Throws UsageError
 * for a wrong description, and UnreadableInput for a wrong file.
 */
function framingOf(word: string): Framing | undefined {
  const parse = (): Framing => parseFraming(word, 'The framing', readText);
  if (word.startsWith('@')) {
    return reading(parse);
  }
  if (isDescription(word)) {
    return parse();
  }
  try {
    return parse();
  } catch (error) {
    if (isUnstickError(error)) {
      return undefined;
    }
    throw error;
  }
}

function formats(words: readonly string[], { json = false }: FormatsFlags): void {
  const [word = ''] = words;
  const rows = isDescription(word) ? [] : found(words);
  const framing = rows.length === 0 && words.length === 1 ? framingOf(word) : undefined;
  if (json) {
    const lines = framing === undefined ? rows : [{ name: printFraming(framing), format: framing }];
    for (const line of lines) {
      printRaw(`${printableJson(line)}\n`);
    }
  } else if (framing !== undefined) {
    tell(printFraming(framing), 'bold');
    tellFrame(framing);
  } else if (words.length === 0) {
    tellList();
  } else {
    rows.forEach(tellRow);
  }
  if (rows.length === 0 && framing === undefined) {
    const said = printable(words.join(' '));
    process.stderr.write(
      `unstick: No format has ${said} in it. ${suggestion(word, FORMAT_NAMES)}unstick formats lists all.\n`,
    );
    process.exitCode = EXITS.inconclusive.code;
  }
}

const HELP = helpText({
  remarks: [
    'A search looks at names, families, specifications and remarks, without regard to case.',
    `A framing is ${FRAMES_WORDS}.`,
  ],
  exits: COMMAND_EXITS.formats,
  examples: [
    'unstick formats',
    'unstick formats modbus',
    'unstick formats gps tracker',
    'unstick formats u16be@4+6',
    `unstick formats '{"codec":"delimited","end":"0d 0a"}'`,
  ],
});

/** Adds the command to the program. */
export function addFormats(program: Command): void {
  const command = program
    .command('formats')
    .summary('list the known formats, and draw their frames')
    .description(
      'Lists the formats that --frames knows by name. With words to search for, draws the frames of those that fit. With a framing instead, draws the frame of that.',
    )
    .argument('[search...]', 'words to search for, the name of a format, or a framing');
  addOptions(command, Object.values(FORMATS_OPTIONS)).addHelpText('after', HELP).action(formats);
}
