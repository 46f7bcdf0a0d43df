// The server of remote commands on unstick. A request is one message. The answer is one message for every
// piece of output, and a last message that says how the command ended. So the output may be larger than the
// memory. `await send` waits for the client, and the command waits with it.

import { createHash } from 'node:crypto';
import { messages, serve } from '../../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../../src/entries/main.ts';
import { portOf, runProgram, sayWhatFailed } from '../../support/program.ts';
import { startCommand } from '../stage/commands.ts';
import { MemoryGauge, report } from '../stage/reports.ts';

async function answer(
  client: Connection<OutgoingMessage, Message>,
  command: string,
): Promise<void> {
  const hash = createHash('sha256');
  const gauge = new MemoryGauge();
  let length = 0;
  const running = startCommand(command);
  try {
    for await (const piece of running.output) {
      await client.send({ header: { stream: 'stdout' }, body: piece });
      hash.update(piece);
      length += piece.length;
      gauge.sample();
    }
    await client.send({ header: { exit: await running.exit } });
  } finally {
    running.kill(); // If the client has gone, end the command, too.
  }
  report({ kind: 'served', length, sha256: hash.digest('hex'), memory: gauge.memory });
}

await runProgram(async () => {
  const server = serve(
    messages(),
    async (client) => {
      for await (const { header } of client) {
        await answer(client, String(header['run']));
      }
    },
    { port: portOf(process.argv[2] ?? '0', 'The port'), onError: sayWhatFailed },
  );
  await server.ready;
  report({ kind: 'ready', port: server.port });
});
