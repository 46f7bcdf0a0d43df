// The long run: node --import tsx gateway/chaos/run.ts [--devices 1000] [--pace 1000] [--blows 100] [--seed 1]
// Needs nats-server, a build of unstick, and `npm ci --prefix gateway`. Exit code 1 if a promise was broken.

import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000' },
    pace: { type: 'string', default: '1000' },
    blows: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    freeze: { type: 'string', default: '5000' },
  },
});

const result = await runChaos({
  devices: Number(values.devices),
  pace: Number(values.pace),
  blows: Number(values.blows),
  seed: Number(values.seed),
  freeze: Number(values.freeze),
  tell: (line) => console.log(line),
});
console.log(JSON.stringify(result, undefined, 2));
process.exitCode = result.lost + result.disordered === 0 ? 0 : 1;
