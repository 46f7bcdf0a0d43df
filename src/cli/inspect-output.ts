// The output of `unstick inspect`: standard output, through a pager if it is a terminal.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ToneLine } from './inspect-view.ts';
import { isSilenced, shownLine } from './print.ts';
import { hasColours, inTone } from './style.ts';

/** Minimum number of held characters at which they are written. */
const BATCH = 32 * 1024;

/** A listener for a signal that should not end the process. */
const stay = (): void => undefined;

export class InspectOutput {
  readonly #stream: Writable;
  readonly #pager: ChildProcess | undefined;
  readonly #isColoured: boolean;
  #held = '';
  #isFull = false;
  #isClosed = false;

  /** `isPaged` says whether a pager may be used. The pager ends at once if the output fits on the screen. */
  constructor(isPaged: boolean) {
    const isTerminal = process.stdout.isTTY && !isSilenced();
    this.#isColoured = hasColours(process.stdout);
    this.#pager = isPaged && isTerminal ? openPager() : undefined;
    this.#stream = this.#pager?.stdin ?? process.stdout;
    this.#stream.on('error', () => (this.#isClosed = true));
    this.#stream.on('drain', () => (this.#isFull = false));
  }

  /** Whether the reader of the output has gone. For example `head` goes after its last line. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  line({ text, tone }: ToneLine): void {
    const shown = shownLine(text);
    this.raw(this.#isColoured ? inTone(shown, tone) : shown);
  }

  /** Holds a line for printing, unchanged. The caller has made sure that a terminal can show it. */
  raw(text: string): void {
    this.#held += `${text}\n`;
    if (this.#held.length >= BATCH) {
      this.write();
    }
  }

  /** Writes the lines that are held. */
  write(): void {
    if (this.#held !== '' && !this.#isClosed && !isSilenced()) {
      this.#isFull = !this.#stream.write(this.#held);
    }
    this.#held = '';
  }

  /** Waits until the output has taken most of the written text. */
  async flush(): Promise<void> {
    if (this.#isFull && !this.#isClosed) {
      await Promise.race([once(this.#stream, 'drain'), once(this.#stream, 'close')]);
    }
  }

  /** Writes the rest, and waits until the user has left the pager. */
  async end(): Promise<void> {
    this.write();
    const pager = this.#pager;
    if (pager !== undefined && pager.exitCode === null) {
      const exited = once(pager, 'exit');
      pager.stdin?.end();
      await exited;
    }
  }
}

/**
 * Opens the pager of PAGER, by default less in the way that git runs it: it ends by itself if everything fits
 * on the screen, and shows colours. While it is open, Ctrl-C belongs to it and does not end this process.
 * Returns `undefined` if PAGER is empty or `cat`.
 */
function openPager(): ChildProcess | undefined {
  const command = process.env['PAGER'] ?? 'less';
  if (command === '' || command === 'cat') {
    return undefined;
  }
  const environment = { ...process.env, LESS: process.env['LESS'] ?? 'FRX' };
  const pager = spawn(command, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: environment,
  });
  pager.on('error', () => undefined);
  process.on('SIGINT', stay);
  pager.once('exit', () => process.off('SIGINT', stay));
  return pager;
}
