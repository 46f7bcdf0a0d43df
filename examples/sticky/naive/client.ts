// The client of the course: sends a command, and takes what one recv(1024) gives for its answer.

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

  // Not in the course: what would have been read later, one wrong answer after the other.
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
