// A fleet of trackers, each on its own connection. A line of standard input says what happens:
//
//   confirm PHONE    the driver confirms the text on the display
//   end              all trackers park, and the program ends when every report has been acknowledged
//
//   npx tsx examples/devices/fleet.ts --ports 7000,7010 --trackers 20

import { createInterface } from 'node:readline';
import { countOf, portOf, readArgs, runProgram } from '../support/program.ts';
import { printLine, quoted } from '../support/shown.ts';
import { Tracker } from './tracker.ts';

/** Phone numbers have twelve digits in JT/T 808-2013. */
const FIRST_PHONE = 13_800_000_000;

function phoneOf(index: number): string {
  return String(FIRST_PHONE + index).padStart(12, '0');
}

class Fleet {
  readonly #trackers = new Map<string, Tracker>();
  /** Trackers that no gateway has acknowledged a report to, since they started or lost their connection. */
  readonly #away = new Set<string>();
  #lost = 0;

  constructor(size: number, ports: readonly number[], pace: number) {
    for (let index = 0; index < size; index++) {
      const phone = phoneOf(index);
      this.#away.add(phone);
      // The gateways share the trackers: each tracker begins with another one.
      const first = index % ports.length;
      const tracker = new Tracker({
        phone,
        ports: [...ports.slice(first), ...ports.slice(0, first)],
        pace,
        onState: (isConnected) => this.#note(phone, isConnected),
        onText: (text) => printLine(`the driver of ${phone} reads ${quoted(text)}`),
      });
      this.#trackers.set(phone, tracker);
    }
  }

  async run(): Promise<void> {
    const trackers = [...this.#trackers.values()];
    await Promise.all(trackers.map((tracker) => tracker.run()));
    const reports = trackers.reduce((sum, tracker) => sum + tracker.reports, 0);
    const repeated = trackers.reduce((sum, tracker) => sum + tracker.repeated, 0);
    printLine(`all ${reports} reports are acknowledged; ${repeated} were sent again`);
  }

  obey(line: string): void {
    const [word, phone = ''] = line.trim().split(' ');
    if (word === 'confirm') {
      this.#trackers.get(phone)?.confirm();
    } else if (word === 'end') {
      for (const tracker of this.#trackers.values()) {
        tracker.park();
      }
    }
  }

  #note(phone: string, isConnected: boolean): void {
    if (!isConnected) {
      this.#lost += this.#away.has(phone) ? 0 : 1;
      this.#away.add(phone);
      return;
    }
    this.#away.delete(phone);
    if (this.#away.size === 0) {
      const all = `all ${this.#trackers.size} trackers are connected`;
      printLine(this.#lost === 0 ? all : `${this.#lost} lost their gateway; ${all} again`);
      this.#lost = 0;
    }
  }
}

await runProgram(async () => {
  const { values } = readArgs('Trackers that speak JT/T 808 and report their places.', {
    options: {
      ports: { type: 'string', default: '7000' },
      trackers: { type: 'string', default: '20' },
      pace: { type: 'string', default: '100' },
    },
  });
  const ports = values.ports.split(',').map((port) => portOf(port, '--ports'));
  const fleet = new Fleet(
    countOf('trackers', values.trackers),
    ports,
    countOf('pace', values.pace),
  );
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => fleet.obey(line)).once('close', () => fleet.obey('end'));
  await fleet.run();
  input.close();
});
