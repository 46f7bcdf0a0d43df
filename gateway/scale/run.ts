// Measures what a gateway costs: node --import tsx gateway/scale/run.ts [--devices 50000] [--gateways 4]
// Needs nats-server, a build of unstick, and `npm ci --prefix gateway`. Exit code 1 if a budget does not hold.
//
//   --evidence FILE    writes the table between the marks of the page

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measuredOn, writeEvidence } from './evidence.ts';
import { MILLION, planOf, planTable } from './plan.ts';
import { rowsOf, tableOf } from './rows.ts';
import { runScale } from './scale.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '50000' },
    gateways: { type: 'string', default: '4' },
    halves: { type: 'string', default: '1000' },
    publishers: { type: 'string', default: '200' },
    frames: { type: 'string', default: '100' },
    evidence: { type: 'string' },
  },
});

/** Files that a process of Node needs beside its sockets. */
const OWN_FILES = 200;
const gateways = Number(values.gateways);
const devices = Math.min(Number(values.devices), gateways * (openFiles() - OWN_FILES));
if (devices < Number(values.devices)) {
  console.log(`A process may open ${openFiles()} files, so there are ${devices} devices.`);
}

const result = await runScale({
  devices,
  gateways,
  halves: Number(values.halves),
  publishers: Number(values.publishers),
  frames: Number(values.frames),
  tell: (line) => console.log(line),
});
const rows = rowsOf(result);
const plan = planTable(planOf(result, MILLION));
console.log(`\n${tableOf(rows)}\n\nA million devices, on paper:\n\n${plan}`);
const broken = rows.filter(({ holds }) => !holds);
for (const { what, figure, budget } of broken) {
  console.log(`✘ ${what}: ${figure}, promised are ${budget}`);
}
if (values.evidence !== undefined) {
  const conditions = `${measuredOn()}, with ${gateways} gateways and ${gateways} processes of devices.`;
  writeEvidence(values.evidence, 'scale', `${conditions}\n\n${tableOf(rows)}`);
  writeEvidence(values.evidence, 'plan', plan);
}
process.exitCode = broken.length === 0 ? 0 : 1;

/** Node raises its own limit to the hard one when it starts. */
function openFiles(): number {
  const [, hard = ''] =
    /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return hard === 'unlimited' ? Infinity : Number(hard);
}
