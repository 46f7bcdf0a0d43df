// Makes a dialogue of a recorded connection: its chunks, in the order in which they were seen, are joined
// into turns. A turn of text lines ends after as many lines as were recorded. Any other turn ends after as
// many bytes.

import type { Dialogue, Literal, Speaker, Step, StepEnd } from './dialogue.ts';

/** An event of one side in a recording: bytes, or the end of the side (FIN). */
export type Seen =
  | { readonly from: Speaker; readonly bytes: Uint8Array }
  | { readonly from: Speaker; readonly fin: true };

const LINE_FEED = 10;
/** Maximum length in bytes of a turn that is written in hex. A longer turn is in base64, which is shorter. */
const MAX_HEX = 512;
/** Matches text that is written as text: printable characters only. (CR, LF and tabs are taken out first.) */
const TEXT = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

/** Makes the dialogue of one connection. */
export function dialogueOf(seen: Iterable<Seen>): Dialogue {
  return { version: 1, steps: turnsOf(seen).map(stepOf) };
}

/** Joins the chunks that one side said while the other side said nothing into one turn. */
function turnsOf(seen: Iterable<Seen>): readonly Seen[] {
  const turns: Seen[] = [];
  let chunks: Uint8Array[] = [];
  let from: Speaker = 'client';
  const finish = (): void => {
    if (chunks.length > 0) {
      turns.push({ from, bytes: Buffer.concat(chunks) });
      chunks = [];
    }
  };
  for (const event of seen) {
    if ('fin' in event) {
      finish();
      turns.push(event);
    } else if (event.bytes.length > 0) {
      if (event.from !== from) {
        finish();
        from = event.from;
      }
      chunks.push(event.bytes);
    }
  }
  finish();
  return turns;
}

function stepOf(turn: Seen): Step {
  if ('fin' in turn) {
    return turn;
  }
  const { from, bytes } = turn;
  const say = [literalOf(bytes)];
  const until = endOf(say[0], bytes);
  return until === undefined ? { from, say } : { from, say, until };
}

/**
 * Returns the bytes as text if they are UTF-8 and hold only printable characters, CR, LF and tabs. Otherwise
 * returns them in hex, or in base64 if there are more than MAX_HEX.
 */
export function literalOf(bytes: Uint8Array): Literal {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  if (TEXT.test(text.replaceAll(/[\r\n\t]/g, '')) && buffer.equals(Buffer.from(text))) {
    return { text };
  }
  return bytes.length <= MAX_HEX
    ? { hex: buffer.toString('hex') }
    : { base64: buffer.toString('base64') };
}

/**
 * Returns the rule for where a turn ends. Lines of text may be longer or shorter the next time, but their
 * number stays. All other turns keep their length; text without a line feed at its end is one of them.
 */
function endOf(literal: Literal | undefined, bytes: Uint8Array): StepEnd | undefined {
  if (literal === undefined || !('text' in literal) || bytes.at(-1) !== LINE_FEED) {
    return undefined;
  }
  return { lines: bytes.reduce((lines, byte) => lines + Number(byte === LINE_FEED), 0) };
}
