// How much has come, and how fast, on stderr, while stdout goes into a file or a pipe.

import cliProgress from 'cli-progress';

/** Nothing is shown of a command that is over sooner. In ms. */
const PATIENCE_MS = 500;
/** How often a line is written where stderr is no terminal, in ms. */
const LINE_MS = 2000;
const KILO = 1000;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function formatBytes(length: number): string {
  let value = length;
  let unit = 0;
  while (value >= KILO && unit < UNITS.length - 1) {
    value /= KILO;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

export class Progress {
  readonly #output: NodeJS.WriteStream;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #bar: cliProgress.SingleBar | undefined;
  #shown = false;
  #length = 0;

  constructor(output: NodeJS.WriteStream, patience: number = PATIENCE_MS) {
    this.#output = output;
    this.#timer = setTimeout(() => this.#show(), patience);
  }

  get length(): number {
    return this.#length;
  }

  /** This many bytes have come. */
  add(length: number): void {
    this.#length += length;
    this.#bar?.update(this.#length);
  }

  /** Makes room for a line of the command's own; the bar comes back after a while. */
  hide(): void {
    if (this.#bar === undefined) {
      return;
    }
    this.#bar.stop();
    this.#bar = undefined;
    this.#timer.refresh();
  }

  /** The last line, if anything was shown before. */
  end(): void {
    clearTimeout(this.#timer);
    this.#bar?.stop();
    this.#bar = undefined;
    if (this.#shown) {
      this.#output.write(`${this.#line()}\n`);
    }
  }

  #show(): void {
    this.#shown = true;
    this.#bar = new cliProgress.SingleBar({
      stream: this.#output,
      format: () => this.#line(),
      clearOnComplete: true,
      hideCursor: true,
      noTTYOutput: true,
      notTTYSchedule: LINE_MS,
    });
    this.#bar.start(0, this.#length);
  }

  #line(): string {
    const seconds = (performance.now() - this.#startedAt) / KILO;
    const rate = formatBytes(Math.round(this.#length / seconds));
    return `${formatBytes(this.#length)} in ${seconds.toFixed(1)} s, ${rate}/s`;
  }
}
