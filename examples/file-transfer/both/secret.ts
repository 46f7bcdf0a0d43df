// Reads a password: typed without showing it, or from a file or standard input. It never comes from the
// command line, where every user of the machine could read it.

import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

function firstLine(content: string): string {
  return content.split(/\r?\n/, 1)[0] ?? '';
}

/** Reads the first line of `file`. Without it, asks on the terminal, or reads a line of standard input. */
export async function readSecret(question: string, file?: string): Promise<string> {
  if (file !== undefined) {
    return firstLine(await readFile(file, 'utf8'));
  }
  if (!process.stdin.isTTY) {
    return firstLine(await text(process.stdin));
  }
  process.stderr.write(question);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
