// Reads a line of the prompt into what it asks for. This file is pure: it runs nothing.

import type { Order } from '../both/protocol.ts';
import { Trouble } from '../both/trouble.ts';
import { isLeaving } from '../../support/leaving.ts';
import { splitWords } from '../../support/words.ts';

export type Asked =
  | { readonly kind: 'nothing' | 'help' | 'jobs' }
  | { readonly kind: 'leave'; readonly status?: number }
  | { readonly kind: 'cd'; readonly folder: string }
  | {
      readonly kind: 'run';
      readonly isBehind: boolean;
      readonly order: Pick<Order, 'argv' | 'shell'>;
    };

const MAX_STATUS = 255;

/** Reads a line. Throws Trouble for a line that is not complete. */
export function readLine(text: string): Asked {
  const line = text.trim();
  if (line === '' || line.startsWith('#')) {
    return { kind: 'nothing' };
  }
  if (line === 'help' || line === 'jobs') {
    return { kind: line };
  }
  if (isLeaving(line)) {
    return { kind: 'leave' };
  }
  return line.startsWith('!') ? readScript(line.slice(1)) : readCommand(line);
}

/**
 * Reads what follows a `!`. `&` at its end means the background, as for a command; `&&` is left to /bin/sh.
 */
function readScript(script: string): Asked {
  const isBehind = endsBehind(script) && !script.endsWith('&&');
  const text = (isBehind ? script.slice(0, -1) : script).trim();
  if (text === '') {
    throw new Trouble('There is no command after the !.');
  }
  return { kind: 'run', isBehind, order: { argv: [text], shell: true } };
}

function readCommand(line: string): Asked {
  const isBehind = endsBehind(line);
  const { words, open } = splitWords(isBehind ? line.slice(0, -1) : line);
  if (open) {
    throw new Trouble('A quote is not closed, or the line ends in a backslash.');
  }
  const [program, ...rest] = words;
  if (program === undefined) {
    throw new Trouble('There is no command before the &.');
  }
  if (program === 'cd') {
    return readFolder(rest);
  }
  if (program === 'exit' && rest.length === 1 && /^\d{1,3}$/.test(rest.join())) {
    return { kind: 'leave', status: Math.min(Number(rest[0]), MAX_STATUS) };
  }
  return { kind: 'run', isBehind, order: { argv: words } };
}

function readFolder(words: readonly string[]): Asked {
  if (words.length > 1) {
    throw new Trouble('cd takes one folder. If its name has spaces, put it in quotes.');
  }
  return { kind: 'cd', folder: words[0] ?? '~' };
}

/** Whether a line ends with an & that means the background: not in quotes, and not after a backslash. */
function endsBehind(line: string): boolean {
  return line.endsWith('&') && splitWords(line).isPlainEnd;
}
