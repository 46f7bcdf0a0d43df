// Values that one side of a recorded dialogue says and the other side repeats, such as nonces and tokens. They
// may be new on each connection, and then the recorded ones do not fit. Pure.

import { isSpoken } from './dialogue.ts';
import type { Dialogue } from './dialogue.ts';
import { render } from './steps.ts';

/** A value that comes again: the steps that say it first and again, and where it stands in the first. */
export interface Echo {
  readonly step: number;
  readonly at: number;
  readonly length: number;
  readonly again: number;
}

/** Values of a server's making look like this: letters and digits, at least eight of them, some digits. */
const VALUE = /[\w+/.-]{8,}={0,2}/g;
const DIGIT = /\d/;

/** The values that come again from the other side, each once. */
export function echoesOf({ steps }: Dialogue): readonly Echo[] {
  const said = steps.map((step) =>
    isSpoken(step) ? Buffer.from(render(step.say, new Map())).toString('latin1') : '',
  );
  const known = new Set<string>();
  return said.flatMap((text, step) =>
    [...text.matchAll(VALUE)].flatMap(({ 0: value, index: at }) => {
      if (known.has(value) || !DIGIT.test(value)) {
        return [];
      }
      known.add(value);
      const from = steps[step]?.from;
      const again = said.findIndex(
        (later, index) => index > step && steps[index]?.from !== from && later.includes(value),
      );
      return again < 0 ? [] : [{ step, at, length: value.length, again }];
    }),
  );
}
