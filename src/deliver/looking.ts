// The interface of a gate, and the way in which a gate looks at the receiver again and again until it knows:
// first without a pause, and then ever more rarely. So a receiver that reads at once costs one look, and a
// receiver that never reads costs hardly any processor time.

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Answer of a gate. 'read': the receiver has read everything. 'unread': it has not done so in time. 'unseen':
 * the receiver cannot be seen from this machine. 'gone': the connection is over.
 */
export type GateAnswer = 'read' | 'unread' | 'unseen' | 'gone';

export interface Gate {
  /**
   * Waits until the receiver has read everything that was written, for at most `patience` ms. Call this after
   * each piece, with the length of the piece, when the kernel has taken the piece.
   */
  settled(length: number, patience: number): Promise<GateAnswer>;
}

/** Result of one look at the receiver. 'again': the receiver has not read everything yet. */
export type Sight = 'read' | 'again' | 'unseen' | 'gone';

/**
 * EAGER_LOOKS and EAGER_TIME: minimum number of looks, and minimum time in ms, before the first pause. Later
 * looks pause, so that the receiver gets the processor.
 */
const EAGER_LOOKS = 6;
const EAGER_TIME = 2;
/** Number of looks after which the pause grows by 1 ms. */
const LOOKS_PER_MS = 20;
/** Maximum pause between two looks, in ms. */
const MAX_PAUSE = 10;

/** Calls `look` until it has an answer, or `patience` ms have passed. */
export async function lookUntil(patience: number, look: () => Promise<Sight>): Promise<GateAnswer> {
  const begin = performance.now();
  const deadline = begin + patience;
  for (let looks = 1; ; looks++) {
    const sight = await look();
    if (sight !== 'again') {
      return sight;
    }
    const now = performance.now();
    const left = deadline - now;
    if (left <= 0) {
      return 'unread';
    }
    if (looks > EAGER_LOOKS && now - begin > EAGER_TIME) {
      await sleep(Math.min(left, MAX_PAUSE, 1 + Math.floor(looks / LOOKS_PER_MS)));
    }
  }
}
