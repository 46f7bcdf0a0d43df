// Servers in Python, naive, almost right and right: broken ones are found and shrunk, right ones SAFE.
// SAFE and exact boundaries need /proc/net/tcp; elsewhere the boundaries are kept by pauses.

import { describe, expect, test } from 'vitest';
import { proveServer } from '../../src/prove/server/prove-server.ts';
import type { ProveServerOptions } from '../../src/prove/server/options.ts';
import { headline } from '../../src/prove/evidence/report-text.ts';
import type { ServerReport } from '../../src/prove/evidence/report.ts';
import { formatOp } from '../../src/schedule/schedule.ts';
import { havePython, targetCommand } from '../support/targets.ts';
import { freePort } from '../support/free-port.ts';

const frames = ['00000005 68656c6c6f', '00000002 6869'].map((text) =>
  Buffer.from(text.replaceAll(' ', ''), 'hex'),
);
const lines = ['héllo 世界\n', 'ok\n'].map((text) => Buffer.from(text));

async function prove(
  name: string,
  options: Omit<ProveServerOptions, 'to' | 'spawn'>,
): Promise<ServerReport> {
  const port = await freePort();
  const spawn = targetCommand(name, port);
  return proveServer({
    to: `127.0.0.1:${port}`,
    spawn,
    seed: 1,
    runs: 16,
    patience: 1500,
    ...options,
  });
}

function opsOf(report: ServerReport): string[] | undefined {
  return report.failure?.schedule.ops.map(formatOp);
}

describe.skipIf(!havePython)('proveServer on Python servers (needs python3)', () => {
  test.each([
    ['naive', lines, ['cut 1']],
    ['per_recv', lines, ['cut 1']],
    ['almost_right', frames, ['cut 1']],
    ['almost_right_hangs', frames, ['cut 1']],
    ['dies', frames, ['cut 1']],
    // Inside 世, the first character of three bytes.
    ['line_splits_utf8', lines, ['cut 8']],
    // Found only by joining the requests.
    ['drops_what_follows', frames, ['hold 15']],
  ])('finds what is wrong with %s', async (name, send, ops) => {
    const report = await prove(name, { send });
    expect(headline(report)).toMatch(/^BROKEN/);
    expect(report.failure?.confirmations).toBe(3);
    expect(opsOf(report)).toEqual(ops);
    const ending = name === 'dies' ? /^exited with code 1.*struct\.error/s : /^undefined$/;
    expect(String(report.failure?.serverEnding)).toMatch(ending);
  });

  test.each([
    ['right', frames],
    ['line_right', lines],
  ])('finds nothing wrong with %s', async (name, send) => {
    const report = await prove(name, { send });
    expect(headline(report)).toMatch(/^SAFE/);
    const { exact, delayed, lost } = report.schedules;
    expect(exact + delayed + lost).toBe(16);
  });

  test('starts a server that serves one client anew for each schedule', async () => {
    const report = await prove('one_client', { send: frames.slice(0, 1), runs: 2 });
    expect(headline(report)).toMatch(/^SAFE/);
  });

  test('calls a server with a clock not deterministic, and proves it without the clock', async () => {
    const unclear = await prove('clock', { send: lines });
    expect(unclear.verdict).toBe('INCONCLUSIVE');
    expect(unclear.because).toContain('not deterministic');
    const clear = await prove('clock', { send: lines, normalize: /tick=\d+ / });
    expect(headline(clear)).toMatch(/^SAFE/);
  });

  test('replays the schedule that it found, and nothing else', async () => {
    const found = await prove('almost_right', { send: frames });
    const schedule = found.failure?.schedule;
    if (schedule === undefined) {
      throw new Error('nothing found');
    }
    const again = await prove('almost_right', { send: frames, replay: schedule });
    expect(again.verdict).toBe('BROKEN');
    expect(again.failure?.schedule).toEqual(schedule);
    const repaired = await prove('right', { send: frames, replay: schedule });
    expect(repaired.verdict).toBe('SAFE');
    expect(repaired.schedules.exact + repaired.schedules.delayed).toBe(1);
  });
});
