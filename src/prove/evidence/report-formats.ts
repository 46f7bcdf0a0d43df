// The report for machines: JSON, JUnit and GitHub annotations. Pure.

import { formatOp } from '../../schedule/schedule.ts';
import { printableJson } from '../../text.ts';
import type { Failure, ReportedAnswer, ServerReport } from './report.ts';
import { headline, renderReport, shownLines } from './report-text.ts';
import type { RenderOptions } from './report-text.ts';

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function answerToJson({ bytes, end }: ReportedAnswer): object {
  return { length: bytes.length, hex: hex(bytes.subarray(0, 4096)), end };
}

function failureToJson(failure: Failure): object {
  const { schedule, other, whole, cut, ...rest } = failure;
  return {
    ...rest,
    found: undefined,
    schedule: { ...schedule, ops: schedule.ops.map(formatOp) },
    whole: answerToJson(whole),
    cut: answerToJson(cut),
    other: other && answerToJson(other),
  };
}

/** The version of the JSON: it changes when a name or a meaning does. */
const JSON_VERSION = 1;

/** The report as JSON text; answers as hex, at most their first 4096 bytes. */
export function reportToJson(report: ServerReport, options: RenderOptions = {}): string {
  const { failure, varying, answer, requests, frames, ...rest } = report;
  const value = {
    version: JSON_VERSION,
    ...rest,
    requests: requests.map(({ length }) => length),
    frames: frames.length,
    answer: answer && answerToJson(answer),
    varying: varying && {
      one: answerToJson(varying.one),
      other: answerToJson(varying.other),
      at: varying.at,
    },
    failure: failure && failureToJson(failure),
    replay: options.replay,
  };
  return `${printableJson(value, 2)}\n`;
}

/** A text as GitHub's workflow commands take it. */
function escapedForGithub(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The report as an annotation of a GitHub workflow: error, warning or notice. */
export function reportToGithub(report: ServerReport, options: RenderOptions = {}): string {
  const kinds = { BROKEN: 'error', INCONCLUSIVE: 'warning', SAFE: 'notice' };
  const text = escapedForGithub(renderReport(report, options).trimEnd());
  return `::${kinds[report.verdict]} title=unstick prove ${report.verdict}::${text}\n`;
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
