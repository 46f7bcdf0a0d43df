// The exit codes of every command: one table, from which --help and the docs follow.

interface ExitRow {
  readonly code: number;
  readonly means: string;
}

type ExitName = 'expected' | 'finding' | 'usage' | 'inconclusive' | 'interrupted';

export const EXITS: Readonly<Record<ExitName, ExitRow>> = {
  expected: { code: 0, means: 'all is as expected' },
  finding: { code: 1, means: 'there is a finding' },
  usage: { code: 2, means: 'wrong usage' },
  inconclusive: { code: 3, means: 'inconclusive, or the input cannot be read' },
  interrupted: { code: 130, means: 'interrupted' },
};

/** The line for --help: what a command may exit with, in its own words. */
export function exitLine(words: Partial<Readonly<Record<ExitName, string>>>): string {
  const said = new Map<string, string>(Object.entries({ usage: EXITS.usage.means, ...words }));
  const parts = Object.entries(EXITS).flatMap(([name, { code }]) => {
    const means = said.get(name);
    return means === undefined ? [] : [`${code} ${means}`];
  });
  return `Exit code: ${parts.join(', ')}.`;
}
