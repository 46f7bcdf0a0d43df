// The claims of a story: each is checked, printed and counted. Good is only a story whose claims were all
// made and all held; one that was never reached counts as much as one that failed.

import { paint } from './ink.ts';

export class Claims {
  readonly #expected: number | undefined;
  readonly #print: (line: string) => void;
  readonly #failed: string[] = [];
  #held = 0;

  /** Without a number of claims that are expected, one is enough. */
  constructor(expected: number | undefined, print: (line: string) => void) {
    this.#expected = expected;
    this.#print = print;
  }

  /** `detail` says what was found instead, where the claim does not hold. */
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
