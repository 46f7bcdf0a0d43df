// The report for machines: JSON and JUnit. Pure.

import { formatOp } from '../../schedule/schedule.ts';
import { printableJson } from '../../text.ts';
import type { ReportedAnswer, ServerReport } from './report.ts';
import { headline, renderReport, shownLines } from './report-text.ts';
import type { RenderOptions } from './report-text.ts';

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function answerToJson({ bytes, end }: ReportedAnswer): object {
  return { length: bytes.length, hex: hex(bytes.subarray(0, 4096)), end };
}

/** The report as JSON text; answers as hex, at most their first 4096 bytes. */
export function reportToJson(report: ServerReport, options: RenderOptions = {}): string {
  const { failure, verdict, because, target, seed, schedules, elapsed } = report;
  const value = {
    verdict,
    because,
    target,
    seed,
    schedules,
    elapsed,
    failure: failure && {
      schedule: { ...failure.schedule, ops: failure.schedule.ops.map(formatOp) },
      difference: failure.difference,
      whole: answerToJson(failure.whole),
      cut: answerToJson(failure.cut),
      confirmations: failure.confirmations,
      serverEnding: failure.serverEnding,
    },
    replay: options.replay,
  };
  return `${printableJson(value, 2)}\n`;
}

/** Text inside XML. XML 1.0 cannot hold control characters: they are escaped as in the report. */
function xml(text: string): string {
  return shownLines(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The report as a JUnit file of one test case: BROKEN is a failure, INCONCLUSIVE an error. */
export function reportToJunit(report: ServerReport, options: RenderOptions = {}): string {
  const { verdict, target, elapsed } = report;
  const seconds = (elapsed / 1000).toFixed(3);
  const failures = verdict === 'BROKEN' ? 1 : 0;
  const errors = verdict === 'INCONCLUSIVE' ? 1 : 0;
  const tag = failures === 1 ? 'failure' : 'error';
  const text = xml(renderReport(report, options));
  const outcome =
    failures + errors === 0
      ? `<system-out>${text}</system-out>`
      : `<${tag} message="${xml(headline(report))}">${text}</${tag}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="unstick prove" tests="1" failures="${failures}" errors="${errors}" time="${seconds}">
  <testcase classname="unstick.prove" name="${xml(target)}" time="${seconds}">
    ${outcome}
  </testcase>
</testsuite>
`;
}
