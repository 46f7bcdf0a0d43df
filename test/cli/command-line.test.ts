// What all commands have in common: the style of the help, versions, quiet output, colours, exit codes, and
// the hints of errors. Each command runs as a process.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND_EXITS, exitTable } from '../../src/cli/exit-codes.ts';
import { FORMATS_OPTIONS } from '../../src/cli/formats.ts';
import { optionLines } from '../../src/cli/option-table.ts';
import manifest from '../../package.json' with { type: 'json' };
import { readMarkdown } from '../docs/markdown.ts';
import { runCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { expectHarmless, HOSTILE } from '../support/hostile-text.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'unstick-command-line-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const COLOURLESS = { NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: 'xterm' };

function run(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Ran> {
  return runCommand(words, { cwd, env: { ...COLOURLESS, ...env } });
}

const COMMANDS = Object.keys(COMMAND_EXITS);

describe('unstick', () => {
  test.each([['--version'], ['-v'], ['prove', '-v']])(
    'prints its version for %s',
    async (...words) => {
      expect(await run(words)).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
    },
  );

  test('lists every command, and every exit code with its meaning', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    expect(COMMANDS.filter((name) => !new RegExp(`^  ${name} `, 'm').test(stdout))).toEqual([]);
    expect(stdout).toMatch(/^Exit codes of all commands:\n( {2}\d+ +\S.*\n){5}$/m);
  });

  test('prints its help as an error when it gets no command', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: unstick [options] [command]');
  });
});

describe.each(COMMANDS)('help of %s', (name) => {
  test('has its parts in the order of all commands', async () => {
    const { code, stdout } = await run([name, '--help']);
    expect(code).toBe(0);
    const parts = stdout.match(/^(?:Usage|Arguments|Options|Global Options|Exit code|Examples):/gm);
    expect(parts?.filter((part) => part !== 'Arguments:')).toEqual([
      'Usage:',
      'Options:',
      'Global Options:',
      'Exit code:',
      'Examples:',
    ]);
    expect(stdout).toMatch(/Examples:\n(?: {2}.*unstick .*\n)+$/);
  });

  test('is what unstick help prints, too', async () => {
    expect(await run(['help', name])).toEqual(await run([name, '--help']));
  });

  test('breaks its lines where a terminal of 80 columns ends, and no sooner', async () => {
    const [text = ''] = (await run([name, '--help'])).stdout.split('\nExamples:');
    const lines = text.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    // Columns of options are narrower; the rest is text from the first column on.
    const early = lines.filter((line, at) => {
      const [next = ''] = lines[at + 1]?.split(' ') ?? [];
      const goesOn = /^[a-z`]/.test(next) && /^\S/.test(line);
      return goesOn && line.length + 1 + next.length <= 80;
    });
    expect(early).toEqual([]);
  });

  test('has examples that work as they stand, where they need no file and no server', async () => {
    const [, text = ''] = (await run([name, '--help'])).stdout.split('\nExamples:\n');
    const alone = text
      .split('\n')
      .filter((line) =>
        /^ *unstick (?:formats|\w+ --hex|inspect --frames \w+ --wireshark)/.test(line),
      );
    for (const line of alone) {
      // The words of a shell: apart by blanks, and joined in quotes.
      const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, joined, word]) => joined ?? word,
      );
      const { code, stdout, stderr } = await run(words.slice(1).map(String));
      expect({ line, code }).toEqual({ line, code: 0 });
      expect(`${stdout}${stderr}`).not.toBe('');
    }
    expect(alone.length > 0).toBe(['formats', 'guess', 'inspect'].includes(name));
  });
});

describe('unstick help', () => {
  test('alone is the help of unstick', async () => {
    expect(await run(['help'])).toEqual(await run(['--help']));
  });

  test.each([
    ['nope', "unstick: unknown command 'nope' (see unstick --help)\n"],
    ['prov', "unstick: unknown command 'prov' (Did you mean prove?) (see unstick --help)\n"],
  ])('says of %s that it is none', async (name, stderr) => {
    expect(await run(['help', name])).toEqual({ code: 2, stdout: '', stderr });
    expect((await run([name])).stderr).toBe(stderr);
  });
});

describe('wrong usage', () => {
  test.each([
    [['prov'], 'unstick --help'],
    [['help', 'prov'], 'unstick --help'],
    [['help', 'prove', 'chop'], 'unstick --help'],
    [['help', '--nope'], 'unstick --help'],
    [['--nope'], 'unstick --help'],
    [['prove', '--nope'], 'unstick prove --help'],
    [['prove', ':1'], 'unstick prove --help'],
    [['prove', ':1', '--send', 'hex:00', '--time', '5'], 'unstick prove --help'],
    [['chop'], 'unstick chop --help'],
    [['chop', '--listen', ':0', '--to', ':1', '--plan', 'nope'], 'unstick chop --help'],
    [['record', '--listen', ':0'], 'unstick record --help'],
    [['inspect', 'x'], 'unstick inspect --help'],
    [['inspect', '--hex', '0', '--frames', 'u8'], 'unstick inspect --help'],
    [['guess', '--most', 'x'], 'unstick guess --help'],
    [['formats', '{"codec":"nope"}'], 'unstick formats --help'],
    [['formats', '{'], 'unstick formats --help'],
    [['formats', 'varint@2+4'], 'unstick formats --help'],
    [['formats', 'u33be+1'], 'unstick formats --help'],
    [['formats', '--nope'], 'unstick formats --help'],
  ])('%j ends with 2 and points to its help', async (words, where) => {
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^unstick: \S.*\n$/);
    expect(stderr.trimEnd().endsWith(`(see ${where})`)).toBe(true);
  });

  test('does not point to help where a file is the fault', async () => {
    const { code, stderr } = await run(['formats', '@missing']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^unstick: Cannot read .*\[ERR_OPTION\]\n$/);
  });
});

describe('unstick --silent', () => {
  const HALF = ['inspect', '--hex', '0002 68', '--frames', 'u16be'];

  test.each([
    [['-q', ...HALF], 1],
    [[...HALF, '-q'], 1],
    [[...HALF, '--json', '--silent'], 1],
    [['-q', 'guess', '--hex', '00'], 3],
    [['-q', 'formats'], 0],
    [['-q', 'formats', 'mqtt', '--json'], 0],
  ])('%j prints nothing and ends with %d', async (words, code) => {
    expect(await run(words)).toEqual({ code, stdout: '', stderr: '' });
  });

  test('prints errors', async () => {
    const { code, stdout, stderr } = await run(['-q', 'formats', 'no such format']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('No format has');
  });
});

describe('colours', () => {
  const WORDS = ['formats', 'mqtt'];
  const COLOUR = '\u001b[';

  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['not in a pipe', {}, false],
    ['with FORCE_COLOR=1', { FORCE_COLOR: '1' }, true],
    ['not with FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
    ['not with an empty FORCE_COLOR', { FORCE_COLOR: '' }, false],
    ['not with NO_COLOR, whatever FORCE_COLOR says', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['with an empty NO_COLOR, which counts as none', { NO_COLOR: '', FORCE_COLOR: '1' }, true],
  ])('are printed %s', async (_, env, are) => {
    for (const words of [WORDS, ['--help'], ['inspect', '--hex', '0001', '--frames', 'u8']]) {
      const { stdout } = await run(words, env);
      expect(stdout.includes(COLOUR)).toBe(are);
    }
  });
});

describe('unstick formats', () => {
  test('lists every format in a line', async () => {
    const { code, stdout } = await run(['formats']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}postgres +PostgreSQL/m);
    const [, count] = /^(\d+) formats; /m.exec(stdout) ?? [];
    expect(stdout.match(/^ {2}\w+ {2,}\S/gm)).toHaveLength(Number(count));
  });

  test('draws the frame of a name', async () => {
    const { stdout } = await run(['formats', 'MQTT']);
    expect(stdout).toContain(
      [
        'mqtt',
        '  MQTT 5.0, 2.1.4; MQTT 3.1.1, 2.2.3',
        '  ┌────────┬──────────────────────┬───────────┐',
        '  │ 1 byte │ length minimalVarint │ * payload │',
        '  └────────┴──────────────────────┴───────────┘',
      ].join('\n'),
    );
  });

  test('finds the formats that have all words', async () => {
    const { stdout } = await run(['formats', 'trackers', 'teltonika']);
    expect(stdout.match(/^\w+$/gm)).toEqual(['teltonikaAvl', 'teltonikaImei']);
  });

  test.each([
    ['u16be@4+6', '│ 4 bytes │ length u16be │ * payload │'],
    ['{"codec":"fixedLength","length":3}', '│ 3 bytes │'],
    ['@framing', '│ length varint │ * payload │'],
  ])('draws the framing %s', async (word, box) => {
    writeFileSync(join(cwd, 'framing'), 'varint\n');
    expect((await run(['formats', word])).stdout).toContain(box);
  });

  test('prints descriptions as JSON Lines, which --frames takes', async () => {
    const { stdout } = await run(['formats', 'modbusTcp', '--json']);
    const { family, name, format }: { family: string; name: string; format: object } =
      JSON.parse(stdout);
    expect([family, name]).toEqual(['industrial', 'modbusTcp']);
    const {
      source: _s,
      note: _n,
      known: _k,
      seen: _o,
      ...framing
    } = { seen: '', source: '', note: '', known: '', ...format };
    const again = await run(['formats', JSON.stringify(framing), '--json']);
    expect(again.code).toBe(0);
  });

  test('ends with 3 where nothing fits, and names what may be meant', async () => {
    const { code, stdout, stderr } = await run(['formats', 'kafak']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toBe(
      'unstick: No format has "kafak" in it. Did you mean kafka? unstick formats lists all.\n',
    );
  });

  test('prints a hostile search harmlessly', async () => {
    const { code, stderr } = await run(['formats', HOSTILE]);
    expect(code).toBe(3);
    expectHarmless(stderr);
  });
});

test('docs/errors.md has the exit codes of every command', () => {
  expect(readMarkdown('docs/errors.md').text).toContain(exitTable().join('\n'));
});

test('docs/formats.md has the options of unstick formats', () => {
  expect(readMarkdown('docs/formats.md').text).toContain(
    optionLines(Object.values(FORMATS_OPTIONS)).join('\n'),
  );
});
