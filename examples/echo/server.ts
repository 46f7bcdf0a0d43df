// The echo server: gives every message back in upper case, to many clients at once, until `bye`.
//
//   npx tsx examples/echo/server.ts --port 9001
//
// SIGINT (Ctrl-C) and SIGTERM end the server: it takes no new clients, and sends the pending answers.
// SIGQUIT (Ctrl-\) closes the listener only: connected clients stay as long as they like. The server ends
// when the last client leaves.

import { lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection, FramedServer } from '../../src/entries/main.ts';
import { complaintOf, portOf, readArgs, runProgram, untilAskedToEnd } from '../support/program.ts';
import { printLine } from '../support/shown.ts';

/** Maximum length of a message. A longer one ends its connection before its bytes are read. */
const MAX_MESSAGE_LENGTH = 64 * 1024;

let clients = 0;

async function attend(client: Connection<Uint8Array, Uint8Array>): Promise<void> {
  const name = `client ${++clients}`;
  console.log(`${name} is here`);
  try {
    for await (const message of client) {
      const text = Buffer.from(message).toString();
      await client.send(Buffer.from(text.toUpperCase()));
      // `text` is a whole message, never a chunk. So "goodbye" is not "bye", and "by" + "e" is "bye".
      if (text === 'bye') {
        return console.log(`${name} said bye`);
      }
    }
    console.log(`${name} left`); // The end of the stream: the recv of 0 bytes.
  } catch (error) {
    printLine(`${name} was cut off: ${complaintOf(error)}`);
    throw error; // Destroys this connection, and no other.
  }
}

await runProgram(async () => {
  const { values } = readArgs('An echo server: answers every message in upper case.', {
    options: { port: { type: 'string', default: '9001' } },
  });
  const read = lengthPrefixed({ maxPayloadLength: MAX_MESSAGE_LENGTH });
  const write = lengthPrefixed(); // Without our limit: "ŉ" is longer in upper case.
  const server = serve({ read, write }, attend, {
    port: portOf(values.port),
    onError: () => undefined, // attend has reported it.
  });
  await server.ready;
  console.log(`listening on 127.0.0.1:${server.port}`);

  process.once('SIGQUIT', () => {
    server.server.close();
    console.log(`the listener is closed; clients that go on: ${server.connections}`);
  });
  await Promise.race([untilAskedToEnd(), everybodyLeft(server)]);
  await server.close();
});

/** Resolves when the server no longer listens and its last client has gone. */
function everybodyLeft({ server }: FramedServer): Promise<void> {
  return new Promise((resolve) => {
    server.once('close', resolve);
  });
}
