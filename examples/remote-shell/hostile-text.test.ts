// Text of an attacker in what this shell prints and logs: it is shown on one line, and no terminal obeys it.
// The output of a command, in contrast, is passed on unchanged.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectHarmless, HOSTILE, HOSTILE_TEXTS } from '../../test/support/hostile-text.ts';
import { Trial } from './testing/trial.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start();
});
afterAll(() => trial.end());

function auditText(): string {
  return readFileSync(join(trial.runtime, 'unstick-shell', 'audit.jsonl'), 'utf8');
}

test.each(Object.entries(HOSTILE_TEXTS))(
  'a command with %s in its name is refused in one line, and logged as it was',
  async (_, text) => {
    const program = `no-such-${text}`;
    const { status, stdout, stderr } = await trial.run(['exec', program, text]);
    expect(status).toBe(127);
    expect(stdout.length).toBe(0);
    expectHarmless(stderr);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expectHarmless(auditText());
    expect(trial.audit.findLast(({ event }) => event === 'deny')).toMatchObject({
      argv: [program, text],
    });
  },
);

test('the bytes of a command are not touched', async () => {
  const { stdout } = await trial.run(['exec', 'printf', '%s', HOSTILE]);
  expect(stdout.toString()).toBe(HOSTILE);
});

test('every line about a client has its address, that of strangers, too', async () => {
  const stranger = connect(trial.port, '127.0.0.1');
  await once(stranger, 'connect');
  const { localPort } = stranger;
  stranger.write(HOSTILE);
  stranger.on('error', () => undefined);
  // The stranger may be refused with a reset, which the `once` of node:events would throw.
  await new Promise<void>((resolve) => {
    stranger.resume().once('close', () => resolve());
  });
  const refused = (): unknown => trial.audit.findLast(({ event }) => event === 'refuse');
  await expect.poll(refused).toMatchObject({ client: `127.0.0.1:${localPort}` });
  const gone = connect(trial.port, '127.0.0.1').on('error', () => undefined);
  await once(gone, 'data');
  const { localPort: port } = gone;
  gone.resetAndDestroy();
  await expect.poll(refused).toMatchObject({ client: `127.0.0.1:${port}` });
  const about = trial.audit.filter(({ event }) => event !== 'listen' && event !== 'close');
  expect(about.filter(({ client }) => typeof client !== 'string')).toEqual([]);
  expectHarmless(auditText());
});
