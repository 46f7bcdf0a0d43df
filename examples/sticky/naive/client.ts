// The client of the course: sends a command, and takes the result of one recv(1024) for its answer.

import { PlainSocket } from '../../support/plain-socket.ts';
import { portOf, runProgram } from '../../support/program.ts';
import { report } from '../stage/reports.ts';

const [port, ...commands] = process.argv.slice(2);
await runProgram(async () => {
  const server = await PlainSocket.connect(portOf(port, 'The port'));
  for (const command of commands) {
    server.send(command);
    const answer = await server.recv(1024); // The mistake: a chunk is not a message.
    report({ kind: 'naive-answer', bytes: answer });
  }

  // The course's client does not do this: read the rest, which later commands would take for their answers.
  server.end();
  const left: Buffer[] = [];
  for (;;) {
    const bytes = await server.recv(64 * 1024);
    if (bytes.length === 0) {
      break;
    }
    left.push(bytes);
  }
  report({ kind: 'left-over', bytes: Buffer.concat(left) });
});
