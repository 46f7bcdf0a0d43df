// The exit codes of every command, in one table. --help and the docs are made of it. `unstick --help` shows
// the table, and the help of each command shows its codes in the words of that command.

interface ExitRow {
  readonly code: number;
  readonly means: string;
}

type ExitName = 'expected' | 'finding' | 'usage' | 'inconclusive' | 'interrupted';
type CommandName = 'prove' | 'chop' | 'record' | 'inspect' | 'guess' | 'formats';

/**
 * Meanings of the codes in one command. A code that the command does not use is missing. So is wrong usage,
 * which means the same in every command.
 */
type ExitWords = Partial<Readonly<Record<ExitName, string>>>;

/**
 * Part of the meaning of code 3, for commands that read files: a file is missing, or does not hold what it
 * should. A mistake in the words of the command line counts as wrong usage instead.
 */
const UNREADABLE = 'an input cannot be read';

export const EXITS: Readonly<Record<ExitName, ExitRow>> = {
  expected: { code: 0, means: 'all is as expected' },
  finding: { code: 1, means: 'there is a finding' },
  usage: { code: 2, means: 'wrong usage' },
  inconclusive: { code: 3, means: `inconclusive, or ${UNREADABLE}` },
  interrupted: { code: 130, means: 'interrupted' },
};

/** The codes of each command, in the words of that command. */
export const COMMAND_EXITS: Readonly<Record<CommandName, ExitWords>> = {
  prove: {
    expected: 'SAFE',
    finding: 'BROKEN',
    inconclusive: `INCONCLUSIVE, or ${UNREADABLE}`,
    interrupted: EXITS.interrupted.means,
  },
  chop: {
    expected: 'ended by a signal',
    inconclusive: `the port is taken, no process listens at --to, no connection reached it, or ${UNREADABLE}`,
    interrupted: 'interrupted twice',
  },
  record: {
    expected: 'a dialogue was written',
    inconclusive:
      'nothing was said, the port is taken, no process listens at --to, or the file may not fit',
    interrupted: 'interrupted twice',
  },
  inspect: {
    expected: 'all frames are whole',
    finding: 'a wrong frame was found',
    inconclusive: `${UNREADABLE}, there was nothing to inspect, no framing was found, or no connection came about`,
    interrupted: 'interrupted twice',
  },
  guess: {
    expected: 'a framing was found',
    inconclusive: `none was found, ${UNREADABLE}, or no connection came about`,
    interrupted: 'interrupted twice',
  },
  formats: {
    expected: 'formats were printed',
    inconclusive: `no format fits the search, or ${UNREADABLE}`,
  },
};

const GENERAL: ExitWords = Object.fromEntries(
  Object.entries(EXITS).map(([name, { means }]) => [name, means]),
);

/**
 * Returns the line for --help with the exit codes of a command, in the words of that command. Without words
 * it returns the line for the whole table.
 */
export function exitLine(words: ExitWords = GENERAL): string {
  const said = saidOf(words);
  const parts = Object.entries(EXITS).flatMap(([name, { code }]) => {
    const means = said.get(name);
    return means === undefined ? [] : [`${code} ${means}`];
  });
  return `Exit code: ${parts.join(', ')}.`;
}

/** Adds wrong usage to the words of a command, because it means the same in every command. */
function saidOf(words: ExitWords): ReadonlyMap<string, string> {
  return new Map(Object.entries({ usage: EXITS.usage.means, ...words }));
}

/** Returns the rows of the table in the docs: a command, and the meaning of each code there. */
export function exitTable(): readonly string[] {
  const codes = Object.values(EXITS).map(({ code }) => code);
  const rows = Object.entries(COMMAND_EXITS).map(([command, words]) => {
    const said = saidOf(words);
    return [`\`${command}\``, ...Object.keys(EXITS).map((name) => said.get(name) ?? '')];
  });
  const lines = [['Command', ...codes], ['---', ...codes.map(() => '---')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |'));
}
