// The long run: node --import tsx gateway/chaos/run.ts [--devices 1000] [--pace 1000] [--blows 100] [--seed 1]
// Needs nats-server, a build of unstick, and `npm ci --prefix gateway`. Exit code 1 if a promise was broken.
//
//   --freeze MS        how long the broker hangs or has a full disk, and the network passes nothing
//   --evidence FILE    writes the result between the marks of the page

import { parseArgs } from 'node:util';
import { measuredOn, writeEvidence } from '../scale/evidence.ts';
import { runChaos } from './chaos.ts';
import { chaosReport } from './report.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000' },
    pace: { type: 'string', default: '1000' },
    blows: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    freeze: { type: 'string', default: '5000' },
    evidence: { type: 'string' },
  },
});

const options = {
  devices: Number(values.devices),
  pace: Number(values.pace),
  blows: Number(values.blows),
  seed: Number(values.seed),
  freeze: Number(values.freeze),
  tell: (line: string) => console.log(line),
};
const result = await runChaos(options);
const report = chaosReport(result, options);
console.log(report);
if (values.evidence !== undefined) {
  writeEvidence(values.evidence, 'chaos', `${measuredOn()}:\n\n${report}`);
}
process.exitCode = result.lost + result.disordered === 0 ? 0 : 1;
