// The remote command client of the course, on unstick. It talks to any server that speaks its wire format,
// also to one in Python. Every line of standard input is a command. exit, quit, bye or the end of the input
// ends the client.
//
//   npx tsx examples/classic/client.ts --port 9006 --commands bare

import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { framed } from '../../src/entries/main.ts';
import { Complaint, portOf, readArgs, runProgram } from '../support/program.ts';
import { isLeaving } from '../support/leaving.ts';
import { answers, commandCodecs, commandFraming, md5 } from './wire.ts';

await runProgram(async () => {
  const { values } = readArgs(
    'The remote command client of the course. exit, quit, bye and Ctrl-D leave.',
    {
      options: {
        port: { type: 'string', default: '9006' },
        commands: { type: 'string', default: 'bare' },
      },
    },
  );
  const framing = commandFraming(values.commands);
  const socket = connect(portOf(values.port), '127.0.0.1');
  await once(socket, 'connect');
  const server = framed(socket, { write: commandCodecs[framing], read: answers });
  console.log('connected; every line is a command, quit ends');

  const input = createInterface({ input: process.stdin });
  for await (const command of input) {
    if (isLeaving(command)) {
      break;
    }
    // An empty bare command would send nothing, and both sides would wait.
    if (command === '' && framing === 'bare') {
      continue;
    }
    await server.send(Buffer.from(command));
    const answer = await server.receive(); // Bare commands have no boundary, so wait for each answer.
    if (answer === undefined) {
      throw new Complaint('The server has ended the connection.');
    }
    const { header, body } = answer;
    if (header['md5'] !== md5(body)) {
      throw new Complaint(
        'The MD5 of the answer is not the one in its header: the answer was damaged.',
      );
    }
    process.stdout.write(body);
  }
  input.close();
  await server.close();
});
