// The output of `unstick chop`: a line of text for each event, or a JSON object for a program that controls
// the proxy.

import { formatAddress } from '../deliver/address.ts';
import type {
  ConnectionReport,
  ConnectionStart,
  DirectionReport,
} from '../chop/connection-report.ts';
import { printableJson, quantity } from '../text.ts';
import { printLine, printRaw } from './print.ts';

export type ChopEvent =
  | ({ readonly event: 'listening' } & Listening)
  | ({ readonly event: 'open' } & ConnectionStart)
  | ({ readonly event: 'close' } & ConnectionReport)
  /** A remark for people. The proxy goes on. */
  | { readonly event: 'note'; readonly text: string }
  | ({ readonly event: 'saved' } & Saved);

interface Listening {
  readonly version: 1;
  readonly host: string;
  readonly port: number;
  readonly to: string;
  readonly seed: number;
  /** The plan or schedule, the faults, and the direction, each in the words of the command line. */
  readonly doing: readonly string[];
}

interface Saved {
  readonly file: string;
  readonly schedules: number;
  /** Whether the record was cut off, because it got too long. */
  readonly full: boolean;
}

export type Tell = (event: ChopEvent) => void;

function describeDirection(name: string, { bytes, pieces, boundaries }: DirectionReport): string {
  const kept = Object.entries(boundaries).flatMap(([how, count]) =>
    count > 0 ? [`${count} ${how}`] : [],
  );
  const cuts = kept.length > 0 ? `, cuts: ${kept.join(', ')}` : '';
  return `${name} ${quantity(bytes, 'byte')} in ${quantity(pieces, 'piece')}${cuts}`;
}

function describeClose(report: ConnectionReport): string {
  const { connection, end, cause, toServer, toClient } = report;
  const how = cause === undefined ? end : `${end} (${cause})`;
  if (end === 'refused') {
    return `#${connection} ${how}: the server cannot be reached`;
  }
  const directions = [
    describeDirection('to-server', toServer),
    describeDirection('to-client', toClient),
  ];
  return `#${connection} ${how}: ${directions.join('; ')}`;
}

function describe(event: ChopEvent): string {
  switch (event.event) {
    case 'listening':
      return `chop ${formatAddress(event)} -> ${event.to}, seed ${event.seed}: ${event.doing.join(', ')}`;
    case 'open':
      return `#${event.connection} open from ${event.from}, seed ${event.seed}`;
    case 'close':
      return describeClose(event);
    case 'note':
      return event.text;
    case 'saved': {
      const full = event.full ? ' (cut off: too long for one file)' : '';
      return `saved ${quantity(event.schedules, 'schedule')} in ${event.file}${full}`;
    }
  }
}

export function tellText(event: ChopEvent): void {
  printLine(describe(event));
}

export function tellJson(event: ChopEvent): void {
  printRaw(`${printableJson(event)}\n`);
}
