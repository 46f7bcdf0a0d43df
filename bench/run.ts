// Every benchmark, one after the other: `npm run bench`, with --quick for fewer turns.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

for (const name of ['decode', 'formats', 'receive', 'send', 'growth']) {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const { status } = spawnSync(
    process.execPath,
    [...process.execArgv, file, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exitCode = 1;
}
