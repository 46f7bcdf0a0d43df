// Every bus keeps the contract of bus.ts.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTRACT } from './support/contract.ts';
import { memoryFixture } from './support/fixtures.ts';
import { natsFixture } from './support/nats-fixture.ts';
import { hasNats, natsNote, NatsServer } from './support/nats-server.ts';

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

describe.skipIf(!hasNats)(`jetStream()${natsNote}`, () => {
  let server: NatsServer | undefined;
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server?.remove());

  test.each(Object.entries(CONTRACT))('%s', async (_name, story) => {
    expect.hasAssertions();
    const fixture = natsFixture(server?.url ?? '');
    try {
      await story(fixture);
    } finally {
      await fixture.close();
    }
  });
});
