// A plan on paper: what many devices would need, from what few devices cost. Nothing of it was run. Pure.

import type { ScaleResult } from './scale.ts';
import { count, size } from './words.ts';

export interface PlanOptions {
  readonly devices: number;
  /** Time in s between two reports of a device. */
  readonly interval: number;
  /** Part of a processor that may be busy: the rest is for devices that connect again, and for collections. */
  readonly load: number;
}

export const MILLION: PlanOptions = { devices: 1_000_000, interval: 30, load: 0.5 };

export interface PlanRow {
  readonly what: string;
  readonly figure: string;
  readonly from: string;
}

const DAY_S = 24 * 3600;
/** Renewals of a claim within its time to live. */
const RENEWALS = 3;
const TIMES_TO_LIVE_S = { usual: 120, long: 3600 };
/** Descriptors of a process that are no devices. */
const OWN_FILES = 200;

export function planOf(result: ScaleResult, { devices, interval, load }: PlanOptions): PlanRow[] {
  const { alone, onNats, publish } = result;
  const frames = devices / interval;
  const processes = Math.ceil(processors(publish.gateway, { frames, load }));
  const each = Math.ceil(devices / processes);
  return [
    row('frames', `${count(frames)} a second`, `one report in ${interval} s`),
    row(
      'gateway processes, each with a processor',
      count(processes),
      `${count(publish.gateway)} µs a frame, ${100 * load} % busy`,
    ),
    row('devices of a process', count(each), 'set `maxConnections` to more than that'),
    row('descriptors of a process', count(each + OWN_FILES), 'one a device (`ulimit -n`)'),
    row(
      'memory of a process',
      size(onNats.base + each * onNats.resident),
      `${size(onNats.base)} without devices, ${size(onNats.resident)} a device`,
    ),
    row('memory of all processes', size(processes * onNats.base + devices * onNats.resident), ''),
    row(
      'kernel memory of their sockets',
      size((devices * alone.kernel) / 2),
      `${size(alone.kernel / 2)} a socket`,
    ),
    ...broker(result, { devices, frames, load }),
    row(
      'renewals of claims',
      `${count((RENEWALS * devices) / TIMES_TO_LIVE_S.usual)} a second`,
      `three in a \`timeToLive\` of ${TIMES_TO_LIVE_S.usual} s; with ${TIMES_TO_LIVE_S.long} s ${count((RENEWALS * devices) / TIMES_TO_LIVE_S.long)}`,
    ),
    row(
      'until the devices of a dead process are back',
      `${count(each / onNats.rate)} s`,
      `${count(onNats.rate)} claims a second, the rate of the whole machine above`,
    ),
  ];
}

interface Load extends Pick<PlanOptions, 'devices' | 'load'> {
  /** Frames in a second. */
  readonly frames: number;
}

/** Number of processors for frames of which each takes so many µs. */
function processors(micros: number, { frames, load }: Pick<Load, 'frames' | 'load'>): number {
  return (frames * micros) / 1e6 / load;
}

/** What the servers of NATS need. */
function broker({ onNats, publish }: ScaleResult, given: Load): PlanRow[] {
  const { devices, frames, load } = given;
  const processes = Math.ceil(processors(publish.broker, given));
  const disk = frames * publish.disk;
  return [
    row(
      'processors of NATS',
      count(processes),
      `${count(publish.broker)} µs a frame and copy, ${100 * load} % busy`,
    ),
    row(
      'streams',
      count(processes),
      'one processor writes a stream: give groups of gateways a `prefix` each',
    ),
    row(
      'memory of NATS',
      size(devices * onNats.broker),
      `${size(onNats.broker)} a device and copy`,
    ),
    row('disk', `${size(disk)} a second`, `${count(publish.disk)} bytes a frame and copy`),
    row('disk of a day', size(disk * DAY_S), 'set `maxAge` to what the consumers need'),
  ];
}

function row(what: string, figure: string, from: string): PlanRow {
  return { what, figure, from };
}

/** The rows as a table of Markdown. */
export function planTable(rows: readonly PlanRow[]): string {
  const lines = rows.map(({ what, figure, from }) => `| ${what} | ${figure} | ${from} |`);
  return ['| what | how much | from |', '|---|---|---|', ...lines].join('\n');
}
