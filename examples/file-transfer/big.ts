// Transfers a large file in both directions. It kills each transfer at 30 % and resumes it, and prints the
// checksums and the memory that the programs needed.
//
//   npx tsx examples/file-transfer/big.ts --size 2GiB

import { Command } from 'commander';
import { Complaint, runProgram } from '../support/program.ts';
import { parseSize } from './both/sizes.ts';
import { breakAndResume } from './testing/break-and-resume.ts';
import { World } from './testing/world.ts';

const program = new Command('big.ts')
  .option('--size <size>', 'size of the file', '2GiB')
  .action(async (flags: { size: string }) => {
    const size = parseSize(flags.size);
    if (size === undefined) {
      throw new Complaint(`--size ${flags.size} is not a size; write it like 500MB or 2GiB.`);
    }
    const world = await World.open();
    process.once('SIGINT', () => void world.end()); // Fails pending transfers, and removes all files.
    try {
      for (const verb of ['put', 'get'] as const) {
        const report = await breakAndResume(world, { verb, size });
        const { resumedAt, sent, received, clientPeak } = report;
        console.log(`${verb}: ${size} bytes, client killed and resumed at ${resumedAt}`);
        console.log(`  sha256 ${sent} sent\n  sha256 ${received} received`);
        console.log(`  peak memory of the client: ${clientPeak} MiB`);
        if (sent !== received) {
          process.exitCode = 1;
        }
      }
      const ending = await world.server?.end();
      console.log(`server: ${ending?.stderr.trim()}`);
    } finally {
      await world.end();
    }
  });

await runProgram(async () => void (await program.parseAsync()));
