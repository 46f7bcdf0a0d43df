// The exit codes of every command: one table, from which --help and the docs follow. `unstick --help` has the
// table, and each command its codes in its own words.

interface ExitRow {
  readonly code: number;
  readonly means: string;
}

type ExitName = 'expected' | 'finding' | 'usage' | 'inconclusive' | 'interrupted';

/**
 * Part of what code 3 means, for commands that read files: a file is missing, or does not hold what it should.
 * Mistakes in the words of the command line are wrong usage instead.
 */
export const UNREADABLE = 'an input cannot be read';

export const EXITS: Readonly<Record<ExitName, ExitRow>> = {
  expected: { code: 0, means: 'all is as expected' },
  finding: { code: 1, means: 'there is a finding' },
  usage: { code: 2, means: 'wrong usage' },
  inconclusive: { code: 3, means: `inconclusive, or ${UNREADABLE}` },
  interrupted: { code: 130, means: 'interrupted' },
};

/**
 * The line for --help with the exit codes of a command, in the words of that command. Without words it has the
 * whole table.
 */
export function exitLine(words: Partial<Readonly<Record<ExitName, string>>> = allWords()): string {
  const said = new Map<string, string>(Object.entries({ usage: EXITS.usage.means, ...words }));
  const parts = Object.entries(EXITS).flatMap(([name, { code }]) => {
    const means = said.get(name);
    return means === undefined ? [] : [`${code} ${means}`];
  });
  return `Exit code: ${parts.join(', ')}.`;
}

function allWords(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(EXITS).map(([name, { means }]) => [name, means]));
}
