// Every bus keeps the contract of bus.ts.

import { describe, expect, test } from 'vitest';
import { CONTRACT } from './support/contract.ts';
import { memoryFixture } from './support/fixtures.ts';

describe('memory()', () => {
  test.each(Object.entries(CONTRACT))('%s', async (_name, story) => {
    expect.hasAssertions();
    const fixture = await memoryFixture();
    try {
      await story(fixture);
    } finally {
      await fixture.close();
    }
  });
});
