// The audit log: one JSON object a line. It says which client came, what it ran, and how that ended. It
// never holds bytes of inputs and outputs, values of the environment, or the token.
//
// Rules:
// - The server starts no command before its line is written, and none whose line it cannot write. Otherwise
//   it waits for no line.
// - The file has a maximum length. A full one becomes FILE.1, and the one before is gone. Lines that wait for
//   the disk are bounded, too: what does not fit is counted in a line `dropped`.
// - Text of a client cannot end a line, forge one, or act on the terminal that shows the log: such
//   characters become JSON escapes. Long text is cut.

import { closeSync, fstatSync, openSync, renameSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { printableJson } from '../../../src/text.ts';

/** Number of characters of a text that are kept. */
const MAX_WORD = 1024;
const MAX_WORDS = 64;
const OWN_ONLY = 0o600;
const STDERR = 2;
/** Default for the length of the file. With FILE.1 a log takes twice as much at most. */
const MAX_LENGTH = 16 * 1024 * 1024;
/** Maximum number of bytes that wait for the disk. */
const MAX_WAITING = 1024 * 1024;
const writeBytes = promisify(write);

export type AuditEvent =
  'listen' | 'connect' | 'refuse' | 'exec' | 'deny' | 'exit' | 'disconnect' | 'dropped' | 'close';

type Fact = string | number | boolean | null | undefined | readonly string[];

/** Writes one line. Resolves with whether it was written. */
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
  /** Maximum length of the file in bytes. */
  readonly maxLength?: number;
}

/** Opens a log that is appended to and that only its owner can read; `-` is stderr. */
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

  /** Never rejects: a full disk is the answer `false`. */
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
