// The GBK client: sends each line of standard input in UTF-8 or in GBK, and prints the answers, which may be
// in either encoding.
//
//   npx tsx examples/gbk/client.ts --port 9004 --encoding gbk

import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { framed } from '../../src/entries/main.ts';
import { portOf, readArgs, runProgram } from '../support/program.ts';
import { isLeaving } from '../support/leaving.ts';
import { printError, printLine } from '../support/shown.ts';
import { decodeText, encodeText, encodingOf } from './text.ts';

type Server = ReturnType<typeof framed>;

async function say(
  server: Server,
  line: string,
  encoding: ReturnType<typeof encodingOf>,
): Promise<void> {
  try {
    await server.send(encodeText(line, encoding));
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    printError(error.message); // Only this message was not sent; the connection still works.
  }
}

await runProgram(async () => {
  const { values } = readArgs(
    'A client that speaks UTF-8 or GBK. exit, quit, bye and Ctrl-D leave.',
    {
      options: {
        port: { type: 'string', default: '9004' },
        encoding: { type: 'string', default: 'utf-8' },
      },
    },
  );
  const encoding = encodingOf(values.encoding);
  const socket = connect(portOf(values.port), '127.0.0.1');
  await once(socket, 'connect');
  const server = framed(socket);
  const input = createInterface({ input: process.stdin });
  let isOver = false;
  console.log(`connected; what you say is sent in ${encoding}`);

  async function speak(): Promise<void> {
    for await (const line of input) {
      if (isLeaving(line)) {
        break;
      }
      await say(server, line, encoding);
    }
    isOver = true;
    await server.end(); // The pending answers still come.
  }

  async function listen(): Promise<void> {
    for await (const message of server) {
      const answer = decodeText(message);
      printLine(answer === undefined ? 'neither UTF-8 nor GBK' : answer.text);
    }
    if (!isOver) {
      console.log('the server has ended the connection');
    }
    input.close();
  }

  await Promise.all([speak(), listen()]);
});
