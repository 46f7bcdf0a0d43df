// Colours, for outputs that show them. A reader turns them on or off with NO_COLOR and FORCE_COLOR. Without
// these variables a terminal gets colours (unless TERM is `dumb`), and a file or a pipe gets none.

import { env } from 'node:process';

export type Tone = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'doubt';

/** For each tone, the sequences with which a terminal turns it on and off. */
const SEQUENCES: Readonly<Record<Tone, readonly [on: number, off: number] | undefined>> = {
  plain: undefined,
  bold: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  doubt: [33, 39],
};

/**
 * Returns whether text on this stream is coloured. NO_COLOR with any text turns colours off. FORCE_COLOR
 * turns colours on, or off if it is 0 or false. See https://no-color.org and https://force-color.org.
 */
export function hasColours(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR: refused, FORCE_COLOR: forced, TERM: terminal } = env;
  if ((refused !== undefined && refused !== '') || forced === '0' || forced === 'false') {
    return false;
  }
  return (forced !== undefined && forced !== '') || (stream.isTTY === true && terminal !== 'dumb');
}

/** Returns the text in a tone. The caller has made sure that a terminal can show the text. */
export function inTone(text: string, tone: Tone): string {
  const sequence = SEQUENCES[tone];
  return sequence === undefined ? text : `\u001b[${sequence[0]}m${text}\u001b[${sequence[1]}m`;
}
