// The echo server of the course. It takes one recv(1024) for one message, and serves one client at a time.
// It shows what goes wrong. Copy server.ts instead.
//
//   npx tsx examples/echo/naive-server.ts --port 9002

import { createServer } from 'node:net';
import { PlainSocket } from '../support/plain-socket.ts';
import { portOf, readArgs, runProgram, untilAskedToEnd } from '../support/program.ts';
import { printLine, quoted } from '../support/shown.ts';

async function attend(client: PlainSocket): Promise<void> {
  for (;;) {
    const chunk = await client.recv(1024);
    if (chunk.length === 0) {
      break;
    } // if not data: break
    printLine(`recv gave ${quoted(String(chunk))}`);
    if (String(chunk) === 'bye') {
      break;
    } // The mistake: a chunk is compared, not a message.
    client.send(String(chunk).toUpperCase());
  }
  client.end();
  console.log('the conversation is over');
}

await runProgram(async () => {
  const { values } = readArgs(
    'An echo server without message boundaries, to see what goes wrong.',
    { options: { port: { type: 'string', default: '9002' } } },
  );
  let conversation = Promise.resolve(); // The next client is accepted when the last has left.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const client = new PlainSocket(socket);
    conversation = conversation.then(() => attend(client));
  });
  server.listen(portOf(values.port), '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') {
      console.log(`listening on 127.0.0.1:${address?.port}`);
    }
  });
  await untilAskedToEnd();
  process.exit();
});
