// The audit log: one JSON object a line. It says which client came, what it ran, and how that ended. It
// never holds bytes of inputs and outputs, values of the environment, or the token.
//
// Rules:
// - The server first writes the line of a command, then starts the command. If the line cannot be written,
//   the command does not run. The server does not wait for lines of other kinds.
// - The file has a maximum length. When it is full, it is renamed to FILE.1 and replaces an older FILE.1.
//   Lines that wait for the disk are bounded, too: a line beyond the bound is not written but counted, and a
//   later line `dropped` has the count.
// - Text of a client cannot end a line, forge a line, or act on the terminal that shows the log, because such
//   characters become JSON escapes. Long text is cut.

import { closeSync, fstatSync, openSync, renameSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { printableJson } from '../../../src/text.ts';

/** Maximum number of characters of a text that are logged. */
const MAX_WORD = 1024;
/** Maximum number of words of a command that are logged. */
const MAX_WORDS = 64;
const OWN_ONLY = 0o600;
const STDERR = 2;
/** Default maximum length of the file in bytes. With FILE.1 a log takes at most twice as much. */
const MAX_LENGTH = 16 * 1024 * 1024;
/** Maximum number of bytes that wait for the disk. */
const MAX_WAITING = 1024 * 1024;
const writeBytes = promisify(write);

export type AuditEvent =
  'listen' | 'connect' | 'refuse' | 'exec' | 'deny' | 'exit' | 'disconnect' | 'dropped' | 'close';

type Fact = string | number | boolean | null | undefined | readonly string[];

/** Writes one line. Resolves with true if it was written. Never rejects. */
export interface Audit {
  (event: AuditEvent, facts: Readonly<Record<string, Fact>>): Promise<boolean>;
}

export interface AuditFile {
  readonly record: Audit;
  /** Resolves when all lines are written. */
  readonly close: () => Promise<void>;
}

export interface AuditOptions {
  readonly now?: () => Date;
  /** Maximum length of the file in bytes. Default 16 MiB. */
  readonly maxLength?: number;
}

/** Opens a log file for appending; `-` means stderr. Only its owner can read a new file. */
export function openAudit(path: string, options: AuditOptions = {}): AuditFile {
  const log = new Log(path, options);
  return {
    record: (event, facts) => log.record(event, facts),
    close: () => log.close(),
  };
}

class Log {
  readonly #path: string;
  readonly #now: () => Date;
  readonly #maxLength: number;
  #file: number;
  #length: number;
  #state: 'open' | 'closing' = 'open';
  #waiting = 0;
  #dropped = 0;
  /** Resolves when all lines so far are written. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(path: string, { now = () => new Date(), maxLength = MAX_LENGTH }: AuditOptions) {
    this.#path = path;
    this.#now = now;
    this.#maxLength = maxLength;
    this.#file = path === '-' ? STDERR : openSync(path, 'a', OWN_ONLY);
    this.#length = path === '-' ? 0 : fstatSync(this.#file).size;
  }

  async record(event: AuditEvent, facts: Readonly<Record<string, Fact>>): Promise<boolean> {
    if (this.#state !== 'open') {
      return false;
    }
    if (this.#waiting > MAX_WAITING) {
      this.#dropped++;
      return false;
    }
    const dropped = this.#dropped === 0 ? '' : this.#line('dropped', { lines: this.#dropped });
    this.#dropped = 0;
    const bytes = Buffer.from(dropped + this.#line(event, facts));
    this.#waiting += bytes.length;
    const written = this.#written.then(() => this.#write(bytes));
    this.#written = written;
    return written;
  }

  async close(): Promise<void> {
    this.#state = 'closing';
    await this.#written;
    if (this.#file !== STDERR) {
      closeSync(this.#file);
    }
  }

  #line(event: AuditEvent, facts: Readonly<Record<string, Fact>>): string {
    const shown = Object.entries(facts).map(([name, fact]) => [name, shorten(fact)]);
    const line = { time: this.#now().toISOString(), event, ...Object.fromEntries(shown) };
    return `${printableJson(line)}\n`;
  }

  /** Writes to the file, and resolves with true. On an error such as a full disk it resolves with false. */
  async #write(bytes: Uint8Array): Promise<boolean> {
    try {
      if (this.#file !== STDERR && this.#length + bytes.length > this.#maxLength) {
        this.#rotate();
      }
      const { bytesWritten } = await writeBytes(this.#file, bytes);
      this.#length += bytesWritten;
      return bytesWritten === bytes.length;
    } catch {
      return false;
    } finally {
      this.#waiting -= bytes.length;
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    const file = openSync(this.#path, 'a', OWN_ONLY);
    closeSync(this.#file);
    this.#file = file;
    this.#length = fstatSync(file).size;
  }
}

function shorten(fact: Fact): Fact {
  if (typeof fact === 'string') {
    return cut(fact);
  }
  if (typeof fact !== 'object' || fact === null) {
    return fact;
  }
  const words = fact.slice(0, MAX_WORDS).map(cut);
  return fact.length > MAX_WORDS ? [...words, `… ${fact.length - MAX_WORDS} more`] : words;
}

function cut(text: string): string {
  if (text.length <= MAX_WORD) {
    return text;
  }
  return `${text.slice(0, MAX_WORD)}… ${text.length - MAX_WORD} more characters`;
}
