// A busy receiver: it listens, and reads nothing until a line comes on standard input. Then it reports the
// number and lengths of the datagrams that it finds, and of the chunks of a TCP stream.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { runProgram } from '../support/program.ts';

await runProgram(async () => {
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const tcp = createServer().listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const address = tcp.address();
  console.log(`datagrams to ${udp.address().port}`);
  console.log(`listening on 127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  readSync(0, Buffer.alloc(1)); // This blocks the whole process.

  const datagrams: number[] = [];
  udp.on('message', ({ length }) => {
    if (length > 0) {
      datagrams.push(length);
    } else if (udp.listenerCount('close') === 0) {
      udp.once('close', () => console.log(`udp: ${summary(datagrams)}`)).close(); // An empty one is the end.
    }
  });
  tcp.on('connection', (socket: Socket) => {
    const chunks: number[] = [];
    socket.on('data', ({ length }) => chunks.push(length));
    socket.once('end', () => {
      console.log(`tcp: ${summary(chunks)}`);
      tcp.close();
    });
  });
});

function summary(lengths: readonly number[]): string {
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  return `${bytes} bytes in ${lengths.length} pieces of ${Math.min(...lengths)} to ${Math.max(...lengths)}`;
}
