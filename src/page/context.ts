// What every part of the page needs: the words of the language, and how pieces are called.

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

/** In which pieces a frame lies, in words. */
export function piecesText(
  { say, pieces }: Speech,
  [first, last]: readonly [number, number],
): string {
  if (first === last) {
    return say(pieces === 'chunks' ? 'oneChunk' : 'oneSegment', first);
  }
  return say(pieces === 'chunks' ? 'manyChunks' : 'manySegments', first, last);
}
