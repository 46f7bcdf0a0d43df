// Words of a command line, byte for byte. The arguments of a program are bytes, and a name of a file in GBK
// or Latin-1 is not UTF-8. Node decodes arguments as UTF-8, and puts U+FFFD in the place of what is not.
//
// So a word that is not UTF-8 travels as raw text: see support/raw-text.ts.

import { readFileSync } from 'node:fs';
import { toWord } from '../../support/raw-text.ts';
import { Trouble } from './trouble.ts';

const REPLACED = '\uFFFD';

/**
 * The arguments of this process as words. Throws Trouble where their bytes are lost: npm and tsx start this
 * program with the U+FFFD that they read, and only Linux tells a program its bytes.
 */
export function ownWords(args: readonly string[], env: NodeJS.ProcessEnv = process.env): string[] {
  const suspicious = args.some((word) => word.includes(REPLACED));
  if (!suspicious) {
    return [...args];
  }
  const raw = rawArguments(args.length);
  const words = raw?.map(toWord) ?? [];
  const isLost =
    words.some((word) => word.includes(REPLACED)) && env['npm_lifecycle_event'] !== undefined;
  if (raw === undefined || isLost) {
    throw new Trouble(
      'A word of the command line is not UTF-8, and its bytes were lost on the way. ' +
        'Start the client without npm: node --import tsx examples/remote-shell/main.ts exec …',
    );
  }
  return words;
}

/** The last arguments of this process, as the kernel has them; undefined where it does not say. */
function rawArguments(count: number): Uint8Array[] | undefined {
  try {
    const line = readFileSync('/proc/self/cmdline');
    const all: Uint8Array[] = [];
    let start = 0;
    for (let end = line.indexOf(0); end >= 0; end = line.indexOf(0, start)) {
      all.push(line.subarray(start, end));
      start = end + 1;
    }
    return all.length < count ? undefined : all.slice(all.length - count);
  } catch {
    return undefined;
  }
}
