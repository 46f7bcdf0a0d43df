// The audit log: one JSON object a line. It says which client came, what it ran, and how that ended. It
// never holds bytes of inputs and outputs, values of the environment, or the token.
//
// Rules:
// - A line is written before the server goes on. So a crash loses no line, and the server runs no command
//   whose line it cannot write.
// - Text of a client cannot end a line, forge one, or act on the terminal that shows the log: such
//   characters become JSON escapes. Long text is cut.

import { closeSync, openSync, writeSync } from 'node:fs';
import { printableJson } from '../../../src/text.ts';

/** Number of characters of a text that are kept. */
const MAX_WORD = 1024;
const MAX_WORDS = 64;
const OWN_ONLY = 0o600;
const STDERR = 2;

export type AuditEvent =
  'listen' | 'connect' | 'refuse' | 'exec' | 'deny' | 'exit' | 'disconnect' | 'close';

type Fact = string | number | boolean | null | undefined | readonly string[];

/** Writes one line. Returns whether it was written. */
export interface Audit {
  (event: AuditEvent, facts: Readonly<Record<string, Fact>>): boolean;
}

export interface AuditFile {
  readonly record: Audit;
  readonly close: () => void;
}

/** Opens a log that is appended to and that only its owner can read; `-` is stderr. */
export function openAudit(path: string, now: () => Date = () => new Date()): AuditFile {
  const file = path === '-' ? STDERR : openSync(path, 'a', OWN_ONLY);
  let open = true;
  return {
    record(event, facts) {
      const shown = Object.entries(facts).map(([name, fact]) => [name, shorten(fact)]);
      const line = { time: now().toISOString(), event, ...Object.fromEntries(shown) };
      if (!open) {
        return false;
      }
      try {
        const bytes = Buffer.from(`${printableJson(line)}\n`);
        return writeSync(file, bytes) === bytes.length;
      } catch {
        return false; // For example, the disk is full.
      }
    },
    close() {
      if (open && file !== STDERR) {
        closeSync(file);
      }
      open = false;
    },
  };
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
