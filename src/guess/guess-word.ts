// The word for a guess: what `--frames` takes.

import { printFraming } from '../framing/words.ts';
import type { Guess } from './judge.ts';

/** The shortest word for the framing of a guess, or the name of its format. */
export function wordFor({ format, framing }: Pick<Guess, 'format' | 'framing'>): string {
  return format ?? printFraming(framing);
}
