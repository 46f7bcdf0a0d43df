// The context of every part of the page: the words of the language, and the word for pieces.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { words } from './words.ts';
import type { Say } from './words.ts';

export interface Speech {
  readonly say: Say;
  readonly pieces: 'chunks' | 'segments';
}

export const SpeechContext = createContext<Speech>({ say: words('en'), pieces: 'chunks' });

export function useSpeech(): Speech {
  return useContext(SpeechContext);
}

/** Returns words that say in which pieces a frame lies. */
export function piecesText(
  { say, pieces }: Speech,
  [first, last]: readonly [number, number],
): string {
  if (first === last) {
    return say(pieces === 'chunks' ? 'oneChunk' : 'oneSegment', first);
  }
  return say(pieces === 'chunks' ? 'manyChunks' : 'manySegments', first, last);
}
