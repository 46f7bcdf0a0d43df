// The echo client of the course: send(), then one recv(1024), then the next line.
//
//   npx tsx examples/echo/naive-client.ts --port 9002

import { createInterface } from 'node:readline';
import { PlainSocket } from '../support/plain-socket.ts';
import { portOf, readArgs, runProgram } from '../support/program.ts';
import { printLine, quoted } from '../support/shown.ts';

await runProgram(async () => {
  const { values } = readArgs('The client of the naive echo server.', {
    options: { port: { type: 'string', default: '9002' } },
  });
  const server = await PlainSocket.connect(portOf(values.port));
  console.log('connected');
  for await (const line of createInterface({ input: process.stdin })) {
    server.send(line);
    console.log(`sent ${Buffer.byteLength(line)} bytes, waiting in recv`);
    printLine(`recv gave ${quoted(String(await server.recv(1024)))}`);
  }
  server.close();
});
