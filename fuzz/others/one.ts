// Proves one decoder of another package, check by check, in a process of its own, because some decoders never
// return. Prints two lines of JSON for each check, one at its start and one with its result; `--text` prints
// the whole report instead.
//   tsx fuzz/others/one.ts NAME --seed N [--only CHECK] [--path P] [--text]

import { parseArgs } from 'node:util';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { decoderChecks } from '../../src/prove/decoder/options.ts';
import { drawChunks } from '../../src/prove/decoder/values.ts';
import { others } from './targets.ts';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    path: { type: 'string' },
    text: { type: 'boolean', default: false },
  },
});

const other = others.find(({ name }) => name === positionals[0]);
if (other === undefined) {
  throw new Error(`There is no target ${positionals[0]}.`);
}
// An error that no caller can catch comes from the target. The last line printed before it names the check.
process.on('uncaughtException', (error) => {
  console.log(JSON.stringify({ uncaught: String(error) }));
  process.exit(1);
});

const { target, options } = await other.make();
const wanted = decoderChecks.filter((check) => given.only === undefined || check === given.only);
for (const check of wanted) {
  if (options.without?.includes(check)) {
    console.log(JSON.stringify({ check, state: 'left out' }));
    continue;
  }
  if (!given.text) {
    console.log(JSON.stringify({ check }));
  }
  const report = await proveDecoder<never, unknown>(target, {
    ...options,
    only: [check],
    seed: Number(given.seed),
    stallAfter: 1000,
    ...(given.path === undefined ? {} : { path: given.path }),
  });
  if (given.text) {
    console.log(report.text);
  }
  const [result] = report.checks.filter((one) => one.check === check);
  const found = report.failures.map(({ what, chunks, replay }) => ({
    what,
    chunks: chunks.length === 0 ? '' : drawChunks(chunks),
    path: /path: '([\d:]+)'/.exec(replay)?.[1],
  }));
  if (!given.text) {
    console.log(JSON.stringify({ check, state: result?.state, found: found[0] }));
  }
  if (check === 'isolation' && report.verdict === 'BROKEN') {
    break;
  }
}
process.exit(0);
