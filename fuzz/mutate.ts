// Makes cases: starts from a valid sample of the target, an entry of the corpus, a splice of both, or random
// bytes, and changes it up to four times. The same seed and run make the same case.

import { deriveSeed, random } from '../src/schedule/random.ts';
import type { Random } from '../src/schedule/random.ts';
import { concat, randomBytes } from './targets/target.ts';
import type { Target } from './targets/target.ts';

export interface Ingredients {
  readonly sample: Target['sample'];
  readonly corpus: readonly Uint8Array[];
  readonly dictionary: readonly Uint8Array[];
}

/** Maximum length of a case in bytes. Longer cases find little more and take long. */
export const longestCase = 4096;

const telling = [0, 1, 0x7f, 0x80, 0xff, 0x10, 0x0a, 0x22, 0x7b] as const;

export function makeCase(ingredients: Ingredients, seed: number, run: number): Uint8Array {
  const source = random(deriveSeed(seed, run));
  let bytes = basis(ingredients, source);
  for (let left = source.pick([0, 1, 1, 2, 4]); left > 0; left -= 1) {
    bytes = mutate(bytes, ingredients, source);
  }
  return Uint8Array.from(bytes.subarray(0, longestCase));
}

function basis({ sample, corpus }: Ingredients, source: Random): Uint8Array {
  const kind = source.below(10);
  const pick = (): Uint8Array => corpus[source.below(Math.max(1, corpus.length))] ?? sample(source);
  if (kind < 5) {
    return sample(source);
  }
  if (kind < 8) {
    return pick();
  }
  if (kind < 9) {
    return spliced(pick(), sample(source), source);
  }
  return randomBytes(source, source.below(100));
}

/** A beginning of `one` and an end of `other`. */
function spliced(one: Uint8Array, other: Uint8Array, source: Random): Uint8Array {
  const head = one.subarray(0, source.below(one.length + 1));
  return concat(head, other.subarray(source.below(other.length + 1)));
}

function mutate(bytes: Uint8Array, { dictionary }: Ingredients, source: Random): Uint8Array {
  const at = source.below(bytes.length + 1);
  const length = source.pick([1, 1, 2, 4, source.below(32)]);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  const word = dictionary[source.below(Math.max(1, dictionary.length))] ?? Uint8Array.of(0);
  switch (source.below(8)) {
    case 0:
      return concat(head, tail.subarray(length));
    case 1:
      return concat(head, randomBytes(source, length), tail);
    case 2:
      return concat(head, word, tail);
    case 3:
      return concat(head, word, tail.subarray(word.length));
    case 4:
      return concat(head, tail.subarray(0, length), tail);
    case 5:
      return concat(head, Uint8Array.of(source.pick(telling)), tail.subarray(1));
    case 6:
      return concat(head, nudged(tail, source));
    default:
      return head;
  }
}

/** The bytes with the first one larger by 1, smaller by 1, or with one bit flipped. */
function nudged(bytes: Uint8Array, source: Random): Uint8Array {
  const [first = 0] = bytes;
  const changed = source.pick([first + 1, first - 1, first ^ (1 << source.below(8))]);
  return concat(Uint8Array.of(changed & 0xff), bytes.subarray(1));
}
