// Text from a remote that can harm a terminal or a log, and a check that none of it was printed raw.

import { expect } from 'vitest';

/** One hostile text for each kind of attack. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  'an escape sequence': '\u001b]0;pwned\u0007\u001b[2J\u001b[H',
  'C1 controls': '\u009b31m\u009d0;pwned\u009c\u0085',
  'bidi overrides': 'invoice\u202egpj.exe\u2066\u2069\u200f',
  'a forged line': 'x\r\nSep 01 12:00:00 sshd[1]: Accepted password for root\nok\u2028\u2029',
  'erasing characters': 'good\b\b\b\bevil\u007f\rvery evil',
  'invisible characters': 'alice\u3164\ufeff\u{e0041}\u2800\ue000',
};

/** All attacks in one text, which begins with the word HOSTILE. */
export const HOSTILE = `HOSTILE${Object.values(HOSTILE_TEXTS).join('')}`;

/** A hostile text of about a megabyte, which nobody should print whole. */
export const HOSTILE_MEGABYTE: string = HOSTILE + '\u001b[31mA\u202e'.repeat(125_000);

const RAW = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Expects that the output has no raw control or invisible character and no forged line, and is < 96 KiB. */
export function expectHarmless(output: string): void {
  const [raw] = RAW.exec(output) ?? [];
  expect(raw?.codePointAt(0)?.toString(16), `raw in ${JSON.stringify(output.slice(0, 400))}`).toBe(
    undefined,
  );
  expect(output.split('\n').filter((line) => /^(?:Sep 01|ok$)/.test(line))).toEqual([]);
  expect(output.length).toBeLessThan(96 * 1024);
}
