// The options of a command as a table. --help, the parser and the table in the docs are made of the same
// rows.

import { Option } from 'commander';
import type { Command } from 'commander';
import { parseTime } from './units.ts';

export interface OptionRow {
  /** The flags in the form of commander: `--pause <time>`. */
  readonly flags: string;
  /** Text that says what the option does. --help and the docs print it. */
  readonly does: string;
  /** Text for what holds without the option, or `required` if the command needs the option. Default: none. */
  readonly preset?: string;
  /**
   * Function that turns the word of the command line into a value. `name` is the name of the option, for the
   * message of a refusal. Default: the value is the word itself.
   */
  readonly parse?: (word: string, name: string) => unknown;
  readonly repeatable?: true;
}

/** Makes the row of an option whose value is a time. Its default comes from the library. */
export function timeRow(flags: string, does: string, presetMs: number): OptionRow {
  return { flags, does, preset: `${presetMs}ms`, parse: parseTime };
}

/** Returns the text of --help for an option: what it does, and its default. */
export function describeOption({ does, preset, repeatable }: OptionRow): string {
  const text = `${does}${repeatable === true ? '; repeatable' : ''}`;
  if (preset === undefined) {
    return text;
  }
  return `${text} (${preset === 'required' ? preset : `default: ${preset}`})`;
}

function toOption(row: OptionRow): Option {
  const option = new Option(row.flags, describeOption(row));
  const { parse = (word: string) => word, repeatable } = row;
  const name = option.long ?? row.flags;
  if (option.required || option.optional) {
    option.argParser((word: string, before: unknown) => {
      const value = parse(word, name);
      return repeatable === true ? [...(Array.isArray(before) ? before : []), value] : value;
    });
  }
  return option.makeOptionMandatory(row.preset === 'required');
}

export function addOptions(command: Command, rows: readonly OptionRow[]): Command {
  for (const row of rows) {
    command.addOption(toOption(row));
  }
  return command;
}

/** Returns the rows of the table in the docs. */
export function optionLines(rows: readonly OptionRow[]): readonly string[] {
  return rows.map(({ flags, does, preset, repeatable }) => {
    const more = repeatable === true ? '; repeatable' : '';
    return `| \`${flags}\` | ${does}${more} | ${preset ?? 'none'} |`;
  });
}
