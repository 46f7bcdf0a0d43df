// The figures of the guess as tables, and what the project wants of them.

import { judge } from '../results.ts';
import type { Verdict } from '../results.ts';
import type { Case } from './cases.ts';
import { MIN_FRAMES } from './cases.ts';
import { groupBy } from './groups.ts';
import type { Protocol } from './protocols.ts';
import { isDevice, isNamed, macroShare, meanAlternatives, sureShare } from './measure.ts';
import type { Answer, RealFigures, SyntheticAnswer } from './measure.ts';
import { shareOf } from './statistics.ts';
import type { Share } from './statistics.ts';

export interface Figures {
  readonly cases: readonly Case[];
  readonly seed: number;
  /** Short hash of the commit that was measured. */
  readonly commit: string;
  readonly real: readonly RealFigures[];
  /** The same for protocols and captures that the rules were never tried on while they were written. */
  readonly fresh: readonly RealFigures[];
  /** The same for conversations that the evaluation has recorded itself. */
  readonly recorded: readonly RealFigures[];
  readonly negatives: readonly Answer[];
  readonly rows: Readonly<Record<string, readonly SyntheticAnswer[]>>;
  readonly random: Readonly<Record<string, readonly SyntheticAnswer[]>>;
  /** Processor time of a guess of 64 KiB in ms, by what the bytes are. */
  readonly time: Readonly<Record<string, number>>;
}

function digits(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(3);
}

function shareText({ value, low, high, n }: Share): string {
  return n === 0 ? '–' : `${digits(value)} (${digits(low)}–${digits(high)})`;
}

function lineOf(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [lineOf(head), lineOf(head.map(() => '---')), ...rows.map(lineOf)].join('\n');
}

function rightOf(answers: readonly Answer[]): Share {
  return shareOf(answers.filter(({ isRight }) => isRight).length, answers.length);
}

type Half = Protocol['half'];

function half(answers: readonly Answer[], name: Half): readonly Answer[] {
  return answers.filter((answer) => answer.half === name);
}

/** The halves are those of the protocols that the rules were written with. */
function realTable(title: string, real: readonly RealFigures[], halves: readonly Half[]): string {
  return table(
    [
      title,
      'cases',
      'protocols',
      'macro average',
      ...halves.map((name) => (name === 'tuning' ? 'tuning half' : 'half held back')),
      '`sure`',
      '`sure` and right',
    ],
    real.map(({ variant, answers }) => [
      variant,
      answers.length,
      groupBy(answers, ({ group }) => group).size,
      shareText(macroShare(answers)),
      ...halves.map((name) => digits(macroShare(half(answers, name)).value)),
      answers.filter(({ result }) => result.verdict === 'sure').length,
      shareText(sureShare(answers)),
    ]),
  );
}

function protocolTable(real: readonly RealFigures[]): string {
  const columns = real.slice(0, 2);
  const names = [
    ...groupBy(
      columns.flatMap(({ answers }) => answers),
      ({ group }) => group,
    ).keys(),
  ];
  return table(
    ['Protocol', 'half', 'conversations', ...columns.map(({ variant }) => variant)],
    names.map((name) => {
      const own = columns.map(({ answers }) => answers.filter(({ group }) => group === name));
      return [
        name,
        own[0]?.[0]?.half ?? '',
        own[0]?.length ?? 0,
        ...own.map((list) => digits(rightOf(list).value)),
      ];
    }),
  );
}

function syntheticLine(name: string, answers: readonly SyntheticAnswer[]): (string | number)[] {
  return [
    name,
    answers.length,
    shareText(rightOf(answers)),
    shareText(sureShare(answers)),
    shareText(optionsShare(answers)),
  ];
}

function syntheticTable({ rows, random }: Figures): string {
  return table(
    [
      'Thirty frames',
      'streams',
      'boundaries right',
      '`sure` and right',
      'options found or declared a tie',
    ],
    [
      ...Object.entries(rows).map(([name, answers]) =>
        syntheticLine(`of each row of \`formats\`, ${name}`, answers),
      ),
      ...Object.entries(rows).map(([name, answers]) =>
        syntheticLine(`device rows, ${name}`, answers.filter(isDevice)),
      ),
      ...Object.entries(random).map(([name, answers]) =>
        syntheticLine(`of random options, ${name}`, answers),
      ),
    ],
  );
}

function optionsShare(answers: readonly SyntheticAnswer[]): Share {
  return shareOf(answers.filter(({ hasOptions }) => hasOptions).length, answers.length);
}

function negativeTable({ negatives }: Figures): string {
  return table(
    ['Bytes without frames', 'cases', 'answered `none`'],
    [...groupBy(negatives, ({ group }) => group), ['all', negatives] as const].map(
      ([kind, answers]) => [kind, answers.length, shareText(rightOf(answers))],
    ),
  );
}

/** What is wanted of captures. `of` says which captures. */
function realVerdicts(real: readonly RealFigures[], of: string): Verdict[] {
  const variant = (name: string): number =>
    macroShare(real.find((one) => one.variant === name)?.answers ?? []).value;
  return [
    judge(
      { name: `boundaries right, macro average, with the cuts${of}`, atLeast: 0.95 },
      variant('with the cuts'),
    ),
    judge(
      { name: `boundaries right, macro average, without the cuts${of}`, atLeast: 0.9 },
      variant('without the cuts'),
    ),
    judge(
      { name: `\`sure\` is right, real${of}`, atLeast: 0.99 },
      sureShare(real.flatMap(({ answers }) => answers)).value,
    ),
  ];
}

function verdictsOf(figures: Figures): Verdict[] {
  const { real, fresh, recorded, negatives, rows, random, time } = figures;
  const allReal = [...real, ...fresh, ...recorded].flatMap(({ answers }) => answers);
  const synthetic = [...Object.values(rows), ...Object.values(random)].flat();
  const devices = (rows['with the cuts'] ?? []).filter(isDevice);
  const options = Object.values(random).flat();
  const sums = options.flatMap(({ hasChecksum }) => hasChecksum ?? []);
  return [
    ...realVerdicts(real, ''),
    ...realVerdicts(fresh, ', new protocols and captures'),
    ...realVerdicts(recorded, ', recorded conversations'),
    judge(
      { name: 'options of random streams found or declared a tie', atLeast: 0.95 },
      optionsShare(options).value,
    ),
    judge(
      { name: 'device rows named in the top three', atLeast: 0.95 },
      shareOf(devices.filter(isNamed).length, devices.length).value,
    ),
    judge({ name: '`sure` is right, synthetic', atLeast: 0.99 }, sureShare(synthetic).value),
    judge(
      { name: 'bytes without frames answered `none`', atLeast: 0.99 },
      rightOf(negatives).value,
    ),
    judge(
      { name: 'mean number of alternatives', atMost: 3 },
      meanAlternatives([...allReal, ...synthetic]),
    ),
    judge(
      { name: 'checksum named', atLeast: 0.95 },
      shareOf(sums.filter(Boolean).length, sums.length).value,
    ),
    ...Object.entries(time).map(([name, ms]) =>
      judge({ name: `64 KiB judged, in ms of processor time: ${name}`, atMost: 300 }, ms),
    ),
  ];
}

function targetTable(verdicts: readonly Verdict[]): string {
  return table(
    ['Target', 'wanted', 'found', ''],
    verdicts.map(({ name, atLeast, atMost, value, holds }) => [
      name,
      atLeast === undefined ? `≤ ${String(atMost)}` : `≥ ${atLeast}`,
      value >= 10 ? value : digits(value),
      holds ? 'met' : '**missed**',
    ]),
  );
}

export function reportOf(figures: Figures): {
  readonly markdown: string;
  readonly verdicts: readonly Verdict[];
} {
  const { cases } = figures;
  const protocols = groupBy(cases, ({ protocol }) => protocol.name);
  const many = [...protocols.values()].filter(({ length }) => length >= 3).length;
  // A part that was not measured has no figure, so it says nothing of its target.
  const verdicts = verdictsOf(figures).filter(({ value }) => !Number.isNaN(value));
  const markdown = [
    targetTable(verdicts),
    `${cases.length} conversations of ${protocols.size} protocols, ${many} of which have at least three; each with at least ${MIN_FRAMES} frames. In brackets: 95 % intervals, by bootstrap over the protocols for macro averages, of Wilson for shares. Commit ${figures.commit}, seed ${figures.seed}.`,
    ...(figures.real.length === 0
      ? []
      : [
          realTable('Captures, given', figures.real, ['tuning', 'held back']),
          protocolTable(figures.real),
        ]),
    ...(figures.fresh.length === 0
      ? []
      : [
          realTable('New protocols and captures, given', figures.fresh, []),
          protocolTable(figures.fresh),
        ]),
    ...(figures.recorded.length === 0
      ? []
      : [
          realTable('Recorded conversations, given', figures.recorded, []),
          protocolTable(figures.recorded),
        ]),
    ...(Object.keys(figures.random).length === 0 ? [] : [syntheticTable(figures)]),
    ...(figures.negatives.length === 0 ? [] : [negativeTable(figures)]),
  ].join('\n\n');
  return { markdown, verdicts };
}
