// Prints the report of a soak as lines for a terminal.

import { mebibytes } from './judge.ts';
import type { SoakFacts } from './judge.ts';
import type { Status } from './server-main.ts';
import type { SoakReport } from './soak.ts';

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

const seconds = (time: number): string => String(Math.round(time / 100) / 10);

export function linesOf(report: SoakReport): string[] {
  const { server, time, connections, findings, facts } = report;
  const lines = [`${server}: ${connections} hostile connections at a time for ${seconds(time)} s`];
  if (facts !== undefined) {
    lines.push(...factLines(facts));
  }
  if (findings.length === 0) {
    lines.push('  nothing found');
  }
  for (const finding of findings) {
    lines.push(`  FOUND ${finding.replaceAll('\n', '\n    ')}`);
  }
  return lines;
}

function factLines(facts: SoakFacts): string[] {
  const { crowd, client, before, after } = facts;
  return [
    row('crowd', [
      `${crowd.connected} connections in ${Object.keys(crowd.behaviours).length} ways`,
      `at most ${crowd.most} at once`,
      ...counted(crowd.refused),
    ]),
    row('well-behaved', [
      `${client.answers} answers, ${client.wrong} wrong`,
      `median ${ms(client.median)}, p99 ${ms(client.p99)}, worst ${ms(client.worst)}`,
    ]),
    row('event loop', [
      `late by ${ms(facts.worstDelay)} at worst`,
      `p99 ${ms(facts.worstP99Delay)}`,
    ]),
    row('before → after', [
      `descriptors ${change(before.descriptors, after.descriptors)}`,
      `timers ${change(before.timers, after.timers)}`,
      `heap ${mebibytes(before.heap)} → ${mebibytes(after.heap)}`,
      `buffers ${mebibytes(before.buffers)} → ${mebibytes(after.buffers)}`,
      `at most ${mebibytes(facts.mostResident)} resident`,
    ]),
    row('endings', endings(before, after)),
  ];
}

function change(was: number | undefined, is: number | undefined): string {
  return is === undefined ? 'not told here' : `${was} → ${is}`;
}

/** Why connections ended, with counts. Connections of the rehearsal are not counted. */
function endings(before: Status, after: Status): string[] {
  const ends = Object.entries(after.ends).map(
    ([code, n]) => [code, n - (before.ends[code] ?? 0)] as const,
  );
  return counted(Object.fromEntries(ends.filter(([, n]) => n !== 0)));
}

/** The counts as texts, the largest first. */
function counted(counts: Readonly<Record<string, number>>): string[] {
  const sorted = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  return sorted.map(([what, count]) => `${what} ${count}`);
}

function row(name: string, parts: readonly string[]): string {
  return `  ${name.padEnd(15)} ${parts.join('; ')}`;
}
