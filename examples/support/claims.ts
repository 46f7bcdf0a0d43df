// The claims of a story. Each is checked, printed and counted. A story is good only if all of its claims were
// made and held: a claim that was never reached counts as a failed one.

import { paint } from './ink.ts';

export class Claims {
  readonly #expected: number | undefined;
  readonly #print: (line: string) => void;
  readonly #failed: string[] = [];
  #held = 0;

  /** `expected` is the number of claims. Without it, one claim is enough. */
  constructor(expected: number | undefined, print: (line: string) => void) {
    this.#expected = expected;
    this.#print = print;
  }

  /** `detail` says what was found instead if the claim does not hold. */
  check(claim: string, holds: boolean, detail = ''): void {
    if (holds) {
      this.#held++;
    } else {
      this.#failed.push(detail === '' ? claim : `${claim}: ${detail}`);
    }
    const mark = holds ? paint(['green', 'bold'], '✔') : paint(['red', 'bold'], '✘');
    this.#print(`  ${mark} ${holds ? claim : paint('red', this.#failed.at(-1) ?? '')}`);
  }

  get held(): number {
    return this.#held;
  }

  get failed(): readonly string[] {
    return this.#failed;
  }

  get expected(): number {
    return this.#expected ?? Math.max(1, this.#held + this.#failed.length);
  }

  get allHeld(): boolean {
    return this.#held === this.expected && this.#failed.length === 0;
  }

  get exitCode(): 0 | 1 {
    return this.allHeld ? 0 : 1;
  }
}
