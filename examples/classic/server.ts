// The remote command server of the course, on unstick. The wire format is the same, so the course's Python
// clients need not change. The server runs every command of every client, so it listens on 127.0.0.1 only.
// For a safer server see ../remote-shell.
//
//   npx tsx examples/classic/server.ts --port 9006 --commands bare

import { serve } from '../../src/entries/main.ts';
import {
  portOf,
  readArgs,
  runProgram,
  sayWhatFailed,
  untilAskedToEnd,
} from '../support/program.ts';
import { Commands } from './commands.ts';
import { answers, commandCodecs, commandFraming, md5 } from './wire.ts';

await runProgram(async () => {
  const { values } = readArgs(
    'The remote command server of the course: runs what its clients send.',
    {
      options: {
        port: { type: 'string', default: '9006' },
        commands: { type: 'string', default: 'bare' },
      },
    },
  );
  const read = commandCodecs[commandFraming(values.commands)];
  const commands = new Commands();
  const server = serve(
    { read, write: answers },
    async (client) => {
      // With bare commands, `command` is a chunk. That is right only while a client waits for each answer.
      for await (const command of client) {
        const body = await commands.run(Buffer.from(command).toString());
        await client.send({ header: { filename: 'a.txt', md5: md5(body) }, body }); // + total_size
      }
    },
    { port: portOf(values.port), onError: sayWhatFailed },
  );
  await server.ready;
  console.log(`listening on 127.0.0.1:${server.port}`);
  await untilAskedToEnd();
  commands.stop(); // The output so far is still sent.
  await server.close();
});
