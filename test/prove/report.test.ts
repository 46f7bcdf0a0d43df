// The text of a report, made from given results without a proof.

import { describe, expect, test } from 'vitest';
import type { Failure, ServerReport } from '../../src/prove/evidence/report.ts';
import {
  reportToGithub,
  reportToJson,
  reportToJunit,
} from '../../src/prove/evidence/report-formats.ts';
import { headline, nameCut, renderReport } from '../../src/prove/evidence/report-text.ts';
import { PLAIN } from '../../src/prove/trials/trial.ts';
import { parseOp } from '../../src/schedule/schedule.ts';

const schedule = (...ops: string[]) =>
  ({ v: 1, seed: 4, direction: 'to-server', ops: ops.map(parseOp) }) as const;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

const safe: ServerReport = {
  verdict: 'SAFE',
  because: undefined,
  target: '127.0.0.1:9000',
  subject: 'server',
  seed: 4,
  schedules: { exact: 12, delayed: 0, lost: 1 },
  evidence: { exact: 10, delayed: 0, lost: 1 },
  endedBy: 'all',
  tried: [
    {
      kind: 'cuts',
      what: 'one cut inside a request',
      schedules: 11,
      boundaries: { exact: 10, delayed: 0, lost: 1 },
      because: undefined,
    },
    {
      kind: 'fin',
      what: 'FIN early',
      schedules: 0,
      boundaries: { exact: 0, delayed: 0, lost: 0 },
      because: 'the server gives up its answer',
    },
  ],
  answer: { bytes: text('olleh\nuoy\n'), end: 'open' },
  warnings: [],
  varying: undefined,
  elapsed: 1234,
  requests: [text('hello\n'), text('you\n')],
  frames: [],
  failure: undefined,
};

const failure: Failure = {
  kind: 'joined',
  sending: PLAIN,
  schedule: schedule('cut 2', 'hold 8'),
  found: schedule('cut 2', 'hold 8'),
  difference: { kind: 'bytes', at: 3 },
  whole: { bytes: text('olleh\nuoy\n'), end: 'open' },
  cut: { bytes: text('oll??'), end: 'reset' },
  other: undefined,
  confirmations: 3,
  runs: 3,
  serverEnding: 'exited with code 1: oh <no>',
};

const broken: ServerReport = { ...safe, verdict: 'BROKEN', failure };

describe('renderReport', () => {
  test('of SAFE shows the answer, what was tried and what was not', () => {
    expect(renderReport(safe)).toMatchInlineSnapshot(`
      "SAFE after 10 cut schedules
      127.0.0.1:9000, seed 4, 1.2 s; 13 schedules played, all that these bytes allow: 10 with exact boundaries, 1 with boundaries lost, 2 without a cut inside a request

      answer to the whole requests: 10 bytes, connection open
             0  6f 6c 6c 65 68 0a 75 6f 79 0a
                o  l  l  e  h  .  u  o  y  .

      tried
        one cut inside a request    11  cuts: 10 exact, 1 lost
      not tried
        FIN early                 the server gives up its answer
      "
    `);
  });

  test('shows two answers side by side where they should be equal', () => {
    const varying = {
      one: { bytes: text('id=1 ok'), end: 'open' },
      other: { bytes: text('id=2 ok'), end: 'open' },
      at: 3,
    } as const;
    const because = 'the server is not deterministic';
    const report = { ...safe, verdict: 'INCONCLUSIVE', because, varying, tried: [] } as const;
    expect(renderReport(report)).toMatchInlineSnapshot(`
      "INCONCLUSIVE because the server is not deterministic
      127.0.0.1:9000, seed 4, 1.2 s; 13 schedules played, all that these bytes allow: 10 with exact boundaries, 1 with boundaries lost, 2 without a cut inside a request

      one answer: 7 bytes, connection open
      another: 7 bytes, connection open
      from byte 3 on they differ
        one answer  69 64 3d │ 31 20 6f 6b (end)
                    i  d  =  │ 1     o  k
        another     69 64 3d │ 32 20 6f 6b (end)
                    i  d  =  │ 2     o  k
      "
    `);
  });

  test('says what is not plain about how the requests were sent', () => {
    const sending = { repeat: 2, connections: 8, fin: 'joined', lockstep: true } as const;
    const report = {
      ...broken,
      failure: { ...failure, sending, schedule: schedule('cut 2', 'delay 60') },
    };
    expect(renderReport(report)).toContain('cut before byte 2 of request 1, and 60 ms of silence');
    expect(renderReport(report)).toContain('the requests 2 times on the connection');
    expect(renderReport(report)).toContain('on 8 connections at once');
    expect(renderReport(report)).toContain('FIN together with the last byte');
    expect(renderReport(report)).toContain('each request when the request before it was answered');
  });

  test('says how often a failure came, and shows two wrong answers that differ', () => {
    const other = { bytes: text('oll!!'), end: 'reset' } as const;
    const shown = renderReport({ ...broken, failure: { ...failure, other, runs: 5 } });
    expect(shown).toContain('confirmed 3 of 5 times in the same way');
    expect(shown).toContain('here are two');
    expect(shown).toContain('cut again');
  });

  test('says so when boundaries were kept by pauses only', () => {
    const schedules = { exact: 0, delayed: 5, lost: 0 };
    const because = 'by pauses only: the network may have undone cuts';
    expect(headline({ ...safe, evidence: schedules, because })).toBe(
      'SAFE after 5 cut schedules, by pauses only: the network may have undone cuts',
    );
  });

  test('draws what was sent and what came back', () => {
    expect(renderReport(broken, { replay: 'npx unstick prove' })).toMatchInlineSnapshot(`
      "BROKEN by this schedule: cut 2, hold 8
      127.0.0.1:9000, seed 4, 1.2 s; 13 schedules played, all that these bytes allow: 10 with exact boundaries, 1 with boundaries lost, 2 without a cut inside a request, confirmed 3 times in the same way

      sent
             0  68 65 │ 6c 6c 6f 0a 79 6f 75 0a
                h  e  │ l  l  o  .  y  o  u  .
        cut before byte 2 of request 1
        request 1 and request 2 joined

      answer to the whole requests: 10 bytes, connection open
      answer to this schedule: 5 bytes, then the connection was reset
      from byte 3 on they differ
        whole  6f 6c 6c │ 65 68 0a 75 6f 79 0a (end)
               o  l  l  │ e  h  .  u  o  y  .
        cut    6f 6c 6c │ 3f 3f (end)
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
      version: 1,
      evidence: { exact: 10 },
      tried: [{ kind: 'cuts' }, { kind: 'fin', because: 'the server gives up its answer' }],
      answer: { length: 10 },
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
    expect(reportToJunit(safe)).toContain('<system-out>SAFE after 10 cut schedules');
  });

  test('is an annotation of one line for GitHub', () => {
    const annotation = reportToGithub(broken);
    expect(annotation).toMatch(
      /^::error title=unstick prove BROKEN::BROKEN by this schedule: cut 2/,
    );
    expect(annotation.trimEnd()).not.toContain('\n');
    expect(annotation).toContain('%0A');
    expect(reportToGithub(safe)).toMatch(/^::notice /);
  });
});
