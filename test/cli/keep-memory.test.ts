// Freed memory stays with the process, so that the next large blocks cost no page faults.

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { keepMemory } from '../../src/cli/keep-memory.ts';

/** A program that fills blocks of 1 MiB, one after another, and prints how many page faults that took. */
function faults(first: string): number {
  const program = `
    ${first}
    const before = process.resourceUsage().minorPageFault;
    for (let block = 0; block < 1000; block++) Buffer.allocUnsafeSlow(1024 * 1024).fill(1);
    console.log(process.resourceUsage().minorPageFault - before);`;
  return Number(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }));
}

const header: unknown = Reflect.get(process.report.getReport(), 'header');
const isGlibc = header instanceof Object && 'glibcVersionRuntime' in header;

test.runIf(isGlibc)('page faults are those of the first blocks only (needs glibc)', () => {
  const kept = faults(`(${keepMemory.toString()})();`);
  expect(kept).toBeLessThan(faults(''));
});
