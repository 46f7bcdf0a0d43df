// The server of the course: sends a text in GBK to every client, and does not say where it ends.
//
//   npx tsx examples/gbk/naive-server.ts --port 9005

import { createServer } from 'node:net';
import { portOf, readArgs, runProgram, untilAskedToEnd } from '../support/program.ts';
import { encodeText } from './text.ts';

const POEM = `静夜思（李白）
床前明月光，疑是地上霜。
举头望明月，低头思故乡。
`;
/** Number of poems: together they are longer than one recv(1024). */
const VERSES = 30;

await runProgram(async () => {
  const { values } = readArgs(
    'A server that sends text without boundaries, to see what goes wrong.',
    { options: { port: { type: 'string', default: '9005' } } },
  );
  const text = encodeText(POEM.repeat(VERSES), 'gbk');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(text);
  });
  server.listen(portOf(values.port), '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') {
      console.log(`listening on 127.0.0.1:${address?.port}`);
    }
  });
  await untilAskedToEnd();
  server.close();
});
