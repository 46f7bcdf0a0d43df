// What a line at the prompt asks for. Pure: it runs nothing.

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

/** Reads a line. Throws Trouble for a line that cannot be meant. */
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

/** `&` at the end of a script means the same as at the end of a command, and `&&` means what /bin/sh says. */
function readScript(script: string): Asked {
  const isBehind = endsBehind(script) && !script.endsWith('&&');
  const text = (isBehind ? script.slice(0, -1) : script).trim();
  if (text === '') {
    throw new Trouble('There is no command behind the !.');
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
    throw new Trouble('There is no command in front of the &.');
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
    throw new Trouble('cd takes one folder: put a name with spaces in quotes.');
  }
  return { kind: 'cd', folder: words[0] ?? '~' };
}

/** An & in quotes, or behind a backslash, is a character of the command. */
function endsBehind(line: string): boolean {
  return line.endsWith('&') && splitWords(line).isPlainEnd;
}
