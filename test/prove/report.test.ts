// How a report reads, from values alone.

import { describe, expect, test } from 'vitest';
import type { Failure, ServerReport } from '../../src/prove/server/report.ts';
import { reportToJson, reportToJunit } from '../../src/prove/server/report-formats.ts';
import { headline, nameCut, renderReport } from '../../src/prove/server/report-text.ts';
import { parseOp } from '../../src/schedule/schedule.ts';

const schedule = (...ops: string[]) =>
  ({ v: 1, seed: 4, direction: 'to-server', ops: ops.map(parseOp) }) as const;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

const safe: ServerReport = {
  verdict: 'SAFE',
  because: undefined,
  target: '127.0.0.1:9000',
  seed: 4,
  schedules: { exact: 12, delayed: 0, lost: 1 },
  elapsed: 1234,
  requests: [text('hello\n'), text('you\n')],
  frames: [],
  failure: undefined,
};

const failure: Failure = {
  schedule: schedule('cut 2', 'hold 8'),
  found: schedule('cut 2', 'hold 8'),
  difference: { kind: 'bytes', at: 3 },
  whole: { bytes: text('olleh\nuoy\n'), end: 'open' },
  cut: { bytes: text('oll??'), end: 'reset' },
  confirmations: 3,
  serverEnding: 'exited with code 1: oh <no>',
};

const broken: ServerReport = { ...safe, verdict: 'BROKEN', failure };

describe('renderReport', () => {
  test('counts for SAFE only schedules whose boundaries were kept', () => {
    expect(renderReport(safe)).toBe(
      'SAFE after 12 schedules\n127.0.0.1:9000, seed 4, 1.2 s; 13 schedules played: 12 with exact boundaries, 1 with boundaries lost\n',
    );
  });

  test('says so when boundaries were kept by pauses only', () => {
    const schedules = { exact: 0, delayed: 5, lost: 0 };
    const because = 'by pauses only: the network may have undone cuts';
    expect(headline({ ...safe, schedules, because })).toBe(
      'SAFE after 5 schedules, by pauses only: the network may have undone cuts',
    );
  });

  test('draws what was sent and what came back', () => {
    expect(renderReport(broken, { replay: 'npx unstick prove' })).toMatchInlineSnapshot(`
      "BROKEN by this schedule: cut 2, hold 8
      127.0.0.1:9000, seed 4, 1.2 s; 13 schedules played: 12 with exact boundaries, 1 with boundaries lost, confirmed 3 times

      sent
             0  68 65 │ 6c 6c 6f 0a 79 6f 75 0a
                h  e  │ l  l  o  .  y  o  u  .
        cut before byte 2 of request 1
        request 1 and request 2 joined

      answer to the whole requests: 10 bytes, connection open
             0  6f 6c 6c │ 65 68 0a 75 6f 79 0a
                o  l  l  │ e  h  .  u  o  y  .
      answer to this schedule: 5 bytes, then the connection was reset
             0  6f 6c 6c │ 3f 3f
                o  l  l  │ ?  ?
      the server exited with code 1: oh <no>

      replay: npx unstick prove
      "
    `);
  });

  test('shows of long bytes what is around the cut', () => {
    const requests = [new Uint8Array(500).fill(0x61)];
    const far = { ...failure, schedule: schedule('cut 300') };
    const lines = renderReport({ ...broken, requests, failure: far }).split('\n');
    expect(lines.filter((line) => line.includes('│ 61'))).toHaveLength(1);
    expect(lines.length).toBeLessThan(24);
  });
});

describe('nameCut', () => {
  const frames = [
    { start: 0, payloadStart: 4, end: 9 },
    { start: 9, payloadStart: 13, end: 13 },
  ];

  test('says where in the frames an offset lies', () => {
    expect([0, 1, 4, 8, 9, 12, 13].map((at) => nameCut(at, frames))).toEqual([
      'before frame 0',
      'inside the length prefix of frame 0',
      'between length prefix and payload of frame 0',
      'inside the payload of frame 0',
      'before frame 1',
      'inside the length prefix of frame 1',
      undefined,
    ]);
  });
});

describe('the report for machines', () => {
  test('is JSON with schedules as their file has them', () => {
    expect(JSON.parse(reportToJson(broken))).toMatchObject({
      verdict: 'BROKEN',
      failure: { schedule: { ops: ['cut 2', 'hold 8'] }, whole: { end: 'open', length: 10 } },
    });
  });

  test('is XML that no answer can break', () => {
    const xml = reportToJunit(broken);
    expect(xml).toContain('exited with code 1: oh &lt;no&gt;');
    expect(xml).toContain('failures="1" errors="0"');
    expect(reportToJunit({ ...safe, verdict: 'INCONCLUSIVE', because: 'a\u0007b' })).toContain(
      '<error message="INCONCLUSIVE because a\\u{7}b">',
    );
    expect(reportToJunit(safe)).toContain('<system-out>SAFE after 12 schedules');
  });
});
