// The client of the course: print(client.recv(1024).decode('gbk')), until the server ends the connection.
// Python stops at the first half character with UnicodeDecodeError. This client shows the broken text
// instead.
//
//   npx tsx examples/gbk/naive-client.ts --port 9005 --recv 1024

import { PlainSocket } from '../support/plain-socket.ts';
import { countOf, portOf, readArgs, runProgram } from '../support/program.ts';
import { shownLines } from '../support/shown.ts';

await runProgram(async () => {
  const { values } = readArgs('The client of the naive GBK server.', {
    options: {
      port: { type: 'string', default: '9005' },
      recv: { type: 'string', default: '1024' },
    },
  });
  const most = countOf('recv', values.recv);
  const server = await PlainSocket.connect(portOf(values.port));
  for (;;) {
    const chunk = await server.recv(most);
    if (chunk.length === 0) {
      break;
    }
    process.stdout.write(shownLines(new TextDecoder('gbk').decode(chunk))); // The mistake.
  }
  server.close();
});
