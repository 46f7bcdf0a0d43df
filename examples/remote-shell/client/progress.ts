// Shows on stderr how many bytes have come, and how fast, while stdout goes into a file or a pipe.

import cliProgress from 'cli-progress';

/** Time in ms before anything is shown. Most commands end sooner. */
const PATIENCE_MS = 500;
/** Time in ms between two lines if stderr is not a terminal. */
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

  /** Adds bytes that have come. */
  add(length: number): void {
    this.#length += length;
    this.#bar?.update(this.#length);
  }

  /** Hides the bar, so that the command can write to stderr. The bar comes back after a while. */
  hide(): void {
    if (this.#bar === undefined) {
      return;
    }
    this.#bar.stop();
    this.#bar = undefined;
    this.#timer.refresh();
  }

  /** Writes the last line, if anything was shown before. */
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
