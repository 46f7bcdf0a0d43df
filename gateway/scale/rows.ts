// The figures of a measurement as rows: what was measured, how much it is, how much it may be. Pure.

import type { ScaleResult } from './scale.ts';
import { count, kib, percent } from './words.ts';

export interface Row {
  readonly what: string;
  readonly figure: string;
  /** What the figure may be at most; empty where nothing was promised. */
  readonly budget: string;
  /** Whether it is within its budget. */
  readonly holds: boolean;
}

/** What this package promises, in bytes and shares. */
export const BUDGETS = { idle: 10 * 1024, halves: 1024 * 1024, decoding: 0.15 } as const;

/** Word behind the budget of a row that does not hold it. */
const MISSED = '**missed**';

function figure(what: string, given: string): Row {
  return { what, figure: given, budget: '', holds: true };
}

function eachOf(word: string, devices: number): string {
  return `${word}, each of ${count(devices)}`;
}

export function rowsOf({ alone, halves, onNats, publish }: ScaleResult): Row[] {
  return [
    {
      what: eachOf('idle device: resident memory of the gateway', alone.devices),
      figure: kib(alone.resident),
      budget: kib(BUDGETS.idle),
      holds: alone.resident <= BUDGETS.idle,
    },
    figure('of it objects and buffers', kib(alone.held)),
    {
      what: eachOf('idle device on NATS: resident memory of the gateway', onNats.devices),
      figure: kib(onNats.resident),
      budget: kib(BUDGETS.idle),
      holds: onNats.resident <= BUDGETS.idle,
    },
    figure('of it objects and buffers, on NATS', kib(onNats.held)),
    figure('idle device: resident memory of nats-server', kib(onNats.broker)),
    figure('idle device: kernel memory, both ends of its connection', kib(alone.kernel)),
    {
      what: `${count(halves.count)} frames of which half has come`,
      figure: kib(halves.held),
      budget: kib(BUDGETS.halves),
      holds: halves.held <= BUDGETS.halves,
    },
    {
      what: `decoding, of the gateway's processor time for ${count(publish.frames)} frames`,
      figure: percent(publish.decoding),
      budget: percent(BUDGETS.decoding),
      holds: publish.decoding <= BUDGETS.decoding,
    },
    figure('processor time of the gateway for a frame', `${count(publish.gateway)} µs`),
    figure('processor time of nats-server for a frame', `${count(publish.broker)} µs`),
    figure('disk of a frame of 72 bytes in the stream', `${count(publish.disk)} bytes`),
    figure('devices that connect, with the bus in the process', `${count(alone.rate)} a second`),
    figure('devices that connect and are claimed on NATS', `${count(onNats.rate)} a second`),
  ];
}

/** The rows as a table of Markdown. A row that does not hold its budget says so. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, figure: given, budget, holds }) => {
    const promised = holds ? budget : `${budget}: ${MISSED}`;
    return `| ${what} | ${given} | ${promised} |`;
  });
  return ['| what | measured | promised at most |', '|---|---|---|', ...lines].join('\n');
}
