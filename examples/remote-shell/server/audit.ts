// The audit log: one JSON object a line, for who came, what was run, how it ended. Never what went
// through: no bytes, no values of the environment, no token.
//
// Rules:
// - A line is written before what it tells of goes on: a crash loses no line, and a command whose line
//   cannot be written is not run.
// - A word from outside cannot end a line, forge one, or act on the terminal that shows the log: whatever
//   could is a JSON escape. A long one is cut.

import { closeSync, openSync, writeSync } from 'node:fs';
import { printableJson } from '../../../src/text.ts';

/** Characters of a word that are kept. */
const MAX_WORD = 1024;
const MAX_WORDS = 64;
const OWN_ONLY = 0o600;
const STDERR = 2;

export type AuditEvent =
  'listen' | 'connect' | 'refuse' | 'exec' | 'deny' | 'exit' | 'disconnect' | 'close';

type Fact = string | number | boolean | null | undefined | readonly string[];

/** Writes one line; says whether it was written. */
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
        return false; // The disk is full, say.
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
