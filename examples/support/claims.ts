// The claims of a scene. Each claim is checked, printed and counted. A scene has succeeded only if all of its
// claims were made and held. A claim that was never reached counts as failed.

import { paint } from './ink.ts';

export class Claims {
  readonly #expected: number | undefined;
  readonly #print: (line: string) => void;
  readonly #failed: string[] = [];
  #held = 0;

  /** `expected` is the number of claims. If it is undefined, any number from one on is right. */
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
