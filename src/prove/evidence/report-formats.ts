// The report in forms for machines: JSON, JUnit and GitHub annotations. This file is pure.

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

/** The version of the JSON. It changes when a name or a meaning changes. */
const JSON_VERSION = 1;

/**
 * Returns the report as JSON text. Answers are in hex, up to their first 4096 bytes, and requests are given
 * by their length.
 */
export function reportToJson(report: ServerReport, { replay }: RenderOptions = {}): string {
  return `${printableJson({ version: JSON_VERSION, ...jsonOf(report, replay) }, 2)}\n`;
}

/** The report on one of several targets, with the name of the target. */
export interface Told {
  readonly name: string;
  readonly report: ServerReport;
  readonly replay?: string | undefined;
}

/** Returns several reports as one JSON text: `{ version, targets: [{ name, … }] }`. */
export function reportsToJson(told: readonly Told[]): string {
  const targets = told.map(({ name, report, replay }) => ({ name, ...jsonOf(report, replay) }));
  return `${printableJson({ version: JSON_VERSION, targets }, 2)}\n`;
}

function jsonOf(report: ServerReport, replay: string | undefined): object {
  const { failure, varying, answer, requests, frames, ...rest } = report;
  return {
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
    replay,
  };
}

/** Escapes a text for a workflow command of GitHub. */
function escapedForGithub(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Returns the report as an annotation of a GitHub workflow: error, warning or notice. */
export function reportToGithub(report: ServerReport, options: RenderOptions = {}): string {
  const kinds = { BROKEN: 'error', INCONCLUSIVE: 'warning', SAFE: 'notice' };
  const text = escapedForGithub(renderReport(report, options).trimEnd());
  return `::${kinds[report.verdict]} title=unstick prove ${report.verdict}::${text}\n`;
}

/**
 * Escapes a text for XML. XML 1.0 cannot hold most control characters, so the text is first escaped as in the
 * report. Line feeds stay.
 */
function xml(text: string): string {
  return shownLines(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Makes a test case: BROKEN is a failure, and INCONCLUSIVE is an error. */
function testCase({ name, report, replay }: Told): string {
  const { verdict, elapsed } = report;
  const tag = { SAFE: 'system-out', BROKEN: 'failure', INCONCLUSIVE: 'error' }[verdict];
  const message = verdict === 'SAFE' ? '' : ` message="${xml(headline(report))}"`;
  return `  <testcase classname="unstick.prove" name="${xml(name)}" time="${seconds(elapsed)}">
    <${tag}${message}>${xml(renderReport(report, { replay }))}</${tag}>
  </testcase>
`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Returns the reports as a JUnit file, with one test case for each report. */
export function reportsToJunit(told: readonly Told[]): string {
  const count = (wanted: ServerReport['verdict']): number =>
    told.filter(({ report }) => report.verdict === wanted).length;
  const time = seconds(told.reduce((sum, { report }) => sum + report.elapsed, 0));
  const counts = `tests="${told.length}" failures="${count('BROKEN')}" errors="${count('INCONCLUSIVE')}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="unstick prove" ${counts} time="${time}">
${told.map(testCase).join('')}</testsuite>
`;
}

/** Returns the report as a JUnit file with one test case. */
export function reportToJunit(report: ServerReport, { replay }: RenderOptions = {}): string {
  return reportsToJunit([{ name: report.target, report, replay }]);
}
