// The echo client: every line of standard input is a message, also an empty one. Every answer is a line.
//
//   npx tsx examples/echo/client.ts --port 9001
//
// It ends when the server ends the connection: after `bye` (or exit, quit), or after the last answer if the
// input is over.

import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { framed } from '../../src/entries/main.ts';
import { portOf, readArgs, runProgram } from '../support/program.ts';
import { isLeaving } from '../support/leaving.ts';
import { printLine } from '../support/shown.ts';

await runProgram(async () => {
  const { values } = readArgs('An echo client. exit, quit, bye and Ctrl-D leave.', {
    options: { port: { type: 'string', default: '9001' } },
  });
  const socket = connect(portOf(values.port), '127.0.0.1');
  await once(socket, 'connect'); // Report a refused connection before the user types anything.
  const server = framed(socket);
  const input = createInterface({ input: process.stdin });
  let isOver = false;

  async function speak(): Promise<void> {
    for await (const line of input) {
      if (isOver) {
        break;
      }
      // The server ends the connection at `bye`. The words exit and quit are sent as `bye`.
      await server.send(Buffer.from(isLeaving(line) ? 'bye' : line));
    }
    await server.end(); // This side sends no more; the pending answers still come.
  }

  async function listen(): Promise<void> {
    for await (const answer of server) {
      printLine(answer.length === 0 ? '(an empty message)' : String(answer));
    }
    isOver = true;
    console.log('the server has ended the connection');
    input.close();
  }

  console.log('connected; say something, or bye');
  // Read and write at the same time: if one waited for the other, client and server could block each other.
  await Promise.all([speak(), listen()]);
});
