// The claims of a demo: each is checked, printed and counted. Good is only a demo whose claims were all
// made and all held; one that was never reached counts as much as one that failed.

import { paint } from './ink.ts';

export class Claims {
  readonly #expected: number;
  readonly #print: (line: string) => void;
  #made = 0;
  #held = 0;

  constructor(expected: number, print: (line: string) => void) {
    this.#expected = expected;
    this.#print = print;
  }

  check(claim: string, holds: boolean): void {
    this.#made++;
    if (holds) this.#held++;
    const mark = holds ? paint(['green', 'bold'], '✔') : paint(['red', 'bold'], '✘');
    this.#print(`  ${mark} ${holds ? claim : paint('red', claim)}`);
  }

  get held(): number {
    return this.#held;
  }

  get expected(): number {
    return this.#expected;
  }

  get allHeld(): boolean {
    return this.#made === this.#expected && this.#held === this.#expected;
  }

  get exitCode(): 0 | 1 {
    return this.allHeld ? 0 : 1;
  }
}
