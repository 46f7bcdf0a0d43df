// The remote command server of the course, on unstick: the same wire, so that its Python clients need not
// change. It runs what it is told, for whoever can connect: 127.0.0.1 only, and see ../remote-shell.
//
//   npx tsx examples/classic/server.ts --port 9006 --commands bare

import { exec } from 'node:child_process';
import { parseArgs } from 'node:util';
import { serve } from '../../src/index.ts';
import { portOf, runProgram, sayWhatFailed, untilAskedToEnd } from '../support/program.ts';
import { answers, commandCodecs, commandFraming, md5 } from './wire.ts';

/** The header comes first and has the length: so the output is held, and must end. In bytes, and ms. */
const MAX_OUTPUT_LENGTH = 8 * 1024 * 1024;
const MAX_TIME_MS = 60_000;

/** All that a command printed, and why there is not more of it. */
function run(command: string): Promise<Buffer> {
  const limits = {
    maxBuffer: MAX_OUTPUT_LENGTH,
    timeout: MAX_TIME_MS,
    encoding: 'buffer',
  } as const;
  if (command === '') return Promise.resolve(Buffer.alloc(0)); // exec refuses it; a shell does nothing.
  return new Promise((resolve) => {
    exec(command, limits, (error, stdout, stderr) => {
      const isStopped = error?.code === MAX_BUFFER || error?.killed === true;
      const note = isStopped ? '\n(stopped: too long, or too much output)\n' : '';
      resolve(Buffer.concat([stdout, stderr, Buffer.from(note)]));
    });
  });
}

const MAX_BUFFER: unknown = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';

await runProgram(async () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '9006' },
      commands: { type: 'string', default: 'bare' },
    },
  });
  const read = commandCodecs[commandFraming(values.commands)];
  const server = serve(
    { read, write: answers },
    async (client) => {
      // With bare commands this is a chunk: right only as long as a client waits for each answer.
      for await (const command of client) {
        const body = await run(Buffer.from(command).toString());
        await client.send({ header: { filename: 'a.txt', md5: md5(body) }, body }); // + total_size
      }
    },
    { port: portOf(values.port), onError: sayWhatFailed },
  );
  await server.ready;
  console.log(`listening on 127.0.0.1:${server.port}`);
  await untilAskedToEnd();
  await server.close();
});
