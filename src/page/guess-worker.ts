// A guess takes a second or two, so a worker makes it. The worker runs the script of the page itself, which is the
// only script that the policy of the page admits: `playground.tsx` asks `isWorker` what it is. It is no module worker:
// a page that was opened as a file may not load one.

import type { GuessStream } from '../guess/stream.ts';
import { guess } from '../guess/guess.ts';
import { wordFor } from '../guess/guess-word.ts';
import type { Verdict } from '../guess/guess.ts';

export interface Guessed {
  readonly verdict: Verdict;
  /** Word for the best framing. `undefined` if none was found. */
  readonly word: string | undefined;
}

/** Guesses in the thread that calls this function. */
function guessStreams(streams: readonly GuessStream[]): Guessed {
  const { verdict, guesses } = guess(streams);
  const [best] = guesses;
  return { verdict, word: best && wordFor(best) };
}

export const isWorker: boolean = typeof document === 'undefined';

/** Waits for the single question of a worker, and answers it. */
export function answerAsWorker(): void {
  addEventListener('message', ({ data }: MessageEvent<readonly GuessStream[]>) => {
    postMessage(guessStreams(data));
  });
}

interface Policy {
  createScriptURL(url: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: Policy): Policy;
}

let policy: Policy | undefined;

/** Turns an address of the page's own script into an address that the policy of the page admits. */
function trusted(url: string): string {
  const { trustedTypes }: { trustedTypes?: PolicyFactory } = globalThis as object;
  const rules: Policy = { createScriptURL: (own) => own };
  policy ??= trustedTypes?.createPolicy('unstick-worker', rules) ?? rules;
  return policy.createScriptURL(url);
}

/** Guesses in a worker, which ends with its answer. */
export function guessInWorker(streams: readonly GuessStream[]): Promise<Guessed> {
  const script = document.querySelector('script')?.textContent ?? '';
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(trusted(url));
  return new Promise<Guessed>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<Guessed>) => resolve(data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      reject(new Error(event.message || 'The worker that guesses did not start.'));
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
    worker.postMessage(streams);
  }).finally(() => {
    worker.terminate();
    URL.revokeObjectURL(url);
  });
}
