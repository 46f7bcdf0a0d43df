// The demands on a program of the documentation under siege. test/docs checks a sample of the programs, and
// test/interop all of them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { besiegeable, compileListening, fileOf, requestOf } from './listening-programs.ts';
import { makeWorkshop } from './programs.ts';
import type { Program } from './programs.ts';
import { besiege } from './siege.ts';
import type { Outcome } from './siege.ts';

/**
 * Memory that strangers may make a program hold: three of them offer 12 MiB each. Up to 8 MiB were seen, most
 * of it compiled code.
 */
export const MAX_GROWTH_MIB = 12;

/**
 * Puts these programs to siege, and says how to do so with one of `others`. A program must live, say
 * nothing on stderr, hold little memory, and answer its own good client as it is printed.
 */
export function describeSurvival(
  chosen: readonly Program[],
  others: readonly Program[] = [],
): (index: number, patience?: number) => Promise<Outcome> {
  const { directory, remove } = makeWorkshop();
  let complaints = '';
  beforeAll(async () => {
    complaints = await compileListening(directory, others);
  });
  afterAll(remove);

  test('the servers of the documentation compile', () => {
    expect(complaints).toBe('');
  });

  describe('lives through strangers', () => {
    for (const program of chosen) {
      const { block, output } = program;
      const file = fileOf(besiegeable.indexOf(program));
      test.concurrent(`the program of ${block.place}`, async () => {
        const hasClient = output !== undefined;
        const outcome = await besiege({ directory, file, hasClient, request: requestOf(program) });
        expect(outcome).toMatchObject({ warned: '', isServed: true });
        expect(hasClient ? [0] : [0, 'SIGTERM']).toContain(outcome.end);
        expect(outcome.servers).toBeGreaterThan(0);
        expect(outcome.grownBy).toBeLessThan(MAX_GROWTH_MIB);
        expect(outcome.printed).toMatch(inOrder(output ?? ''));
      });
    }
  });

  return (index, patience) =>
    besiege({ directory, file: fileOf(besiegeable.length + index), hasClient: false, patience });
}

/** The lines of a promised output, with what strangers made the program print between them. */
function inOrder(promised: string): RegExp {
  const lines = promised.split('\n').map((line) =>
    line
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('.*'),
  );
  return new RegExp(`^${lines.join('$[^]*?^')}$`, 'm');
}
