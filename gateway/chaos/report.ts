// What a run of chaos found, as Markdown. Pure.

import type { Blow, ChaosOptions, ChaosResult } from './chaos.ts';

const MIB = 1024 * 1024;

function happened(freeze: number): Readonly<Record<Blow, string>> {
  const time = `for ${freeze / 1000} s`;
  return {
    gateway: 'a gateway was killed with SIGKILL',
    restart: 'a gateway was ended with SIGTERM, and started again',
    broker: 'the broker was killed with SIGKILL',
    freeze: `the broker hung ${time}`,
    stall: `the network passed nothing ${time}, and then all connections broke`,
    full: `the disk of the broker was full ${time}`,
  };
}

function spaced(number: number): string {
  return String(number).replaceAll(/(?<=\d)(?=(\d{3})+$)/g, ' ');
}

/** The result in two tables and a sentence. */
export function chaosReport(
  { blows, ...result }: ChaosResult,
  { devices, freeze, seed }: Pick<ChaosOptions, 'devices' | 'freeze' | 'seed'>,
): string {
  const words = happened(freeze);
  // The cast: the keys of a record of blows are blows.
  const kinds = (Object.keys(words) as Blow[]).filter((blow) => blows[blow] > 0);
  return [
    '| what happened | how often |',
    '|---|---|',
    ...kinds.map((blow) => `| ${words[blow]} | ${blows[blow]} |`),
    '',
    `| of ${spaced(result.acknowledged)} acknowledged frames | |`,
    '|---|---|',
    `| lost | ${result.lost} |`,
    `| out of order | ${result.disordered} |`,
    `| stored twice | ${result.duplicates} |`,
    '',
    `There were ${spaced(devices)} devices, which connected again ${spaced(result.reconnects)} times in ${result.seconds} s (seed ${seed}). A gateway had at most ${Math.round(result.memory / MIB)} MiB of resident memory, the compiler that starts it included.`,
  ].join('\n');
}
