// Words of a command line, byte for byte. The arguments of a program are bytes, and a file name in GBK or
// Latin-1 is not UTF-8. Node decodes arguments as UTF-8, and puts U+FFFD in place of bytes that are not
// UTF-8.
//
// So a word that is not UTF-8 is kept as raw text: see raw-text.ts.

import { readFileSync } from 'node:fs';
import { toWord } from './raw-text.ts';

const REPLACED = '\uFFFD';

/**
 * The arguments of this process as words; `undefined` if their bytes are lost. npm, as Node does, replaces
 * such bytes by U+FFFD before it starts this program, and only Linux tells a program the bytes of its
 * arguments.
 */
export function ownWords(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): string[] | undefined {
  const suspicious = args.some((word) => word.includes(REPLACED));
  if (!suspicious) {
    return [...args];
  }
  const raw = rawArguments(args.length);
  const words = raw?.map(toWord) ?? [];
  const isLost =
    words.some((word) => word.includes(REPLACED)) && env['npm_lifecycle_event'] !== undefined;
  return raw === undefined || isLost ? undefined : words;
}

/**
 * The last `count` arguments of this process as the kernel has them; `undefined` if the system has no /proc.
 */
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
