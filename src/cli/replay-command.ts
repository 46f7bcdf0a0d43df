// Makes the line of a report that plays a failing schedule again.

import { oneOf } from '../options.ts';
import type { ServerReport } from '../prove/evidence/report.ts';
import { PROVE_DEFAULTS } from '../prove/server/options.ts';
import { PLAIN } from '../prove/trials/trial.ts';
import { quoteForShell } from './inputs.ts';
import type { ProveFlags } from './prove-options.ts';

/** The flags, together with the first word of the command line. */
export interface Given extends ProveFlags {
  readonly target: string | undefined;
}

/** Returns the meaning of --fresh. Without a word it means a new process, if the prover can start one. */
export function toFresh({ fresh, spawn }: ProveFlags): 'connection' | 'process' | undefined {
  if (fresh === undefined || fresh === false) {
    return undefined;
  }
  if (fresh === true) {
    return spawn === undefined ? 'connection' : 'process';
  }
  return oneOf('--fresh', fresh, ['connection', 'process'] as const);
}

/**
 * For each flag with a value that a replay needs, its words. Flags that only guided the search are left out.
 */
const REPLAY_WORDS: Readonly<
  Partial<Record<keyof ProveFlags, (flags: Given) => readonly (string | number | undefined)[]>>
> = {
  to: ({ to, target }) => [target === undefined || to !== undefined ? to : undefined],
  stdio: ({ stdio }) => [stdio],
  tlsCa: ({ tlsCa }) => [tlsCa],
  tlsCert: ({ tlsCert }) => [tlsCert],
  tlsKey: ({ tlsKey }) => [tlsKey],
  tlsName: ({ tlsName }) => [tlsName],
  dialogue: ({ dialogue }) => [dialogue],
  spawn: ({ spawn }) => [spawn],
  ready: ({ ready }) => [ready instanceof RegExp ? ready.source : ready],
  send: ({ send = [] }) => send,
  expect: ({ expect }) => [expect],
  until: ({ until }) => [typeof until === 'object' ? `idle ${until.idle}ms` : until],
  normalize: ({ normalize }) => [normalize?.source],
  fresh: (flags) => [toFresh(flags)],
  frames: ({ frames }) => [frames],
  codec: ({ codec }) => [codec],
  pause: ({ pause }) => [pause === undefined ? undefined : `${pause}ms`],
  patience: ({ patience }) => [patience === undefined ? undefined : `${patience}ms`],
};

/** Flags without a value that a replay needs. */
const SWITCHES = ['tls', 'insecure'] as const;

/** Returns a name such as `tlsCa` as the flag `--tls-ca`. */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Returns the command that plays a schedule again. */
export function replayCommand(flags: Given, report: ServerReport, file: string): string {
  const { repeat, connections, fin, lockstep } = report.failure?.sending ?? PLAIN;
  const words = Object.entries(REPLAY_WORDS).flatMap(([name, wordsOf]) =>
    wordsOf(flags).flatMap((word) => (word === undefined ? [] : [flagOf(name), String(word)])),
  );
  const times = repeat * (flags.repeat ?? PROVE_DEFAULTS.repeat);
  const sending = [
    ...(times > 1 ? ['--repeat', String(times)] : []),
    ...(connections > 1 ? ['--connections', String(connections)] : []),
    ...(fin === 'none' ? [] : ['--fin', fin]),
    ...(lockstep && flags.dialogue === undefined ? ['--lockstep'] : []),
    ...SWITCHES.flatMap((name) => (flags[name] === true ? [flagOf(name)] : [])),
  ];
  const target = flags.target === undefined ? [] : [flags.target];
  return ['npx', 'unstick', 'prove', ...target, ...words, ...sending, '--replay', file]
    .map(quoteForShell)
    .join(' ');
}
