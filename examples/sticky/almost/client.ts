// The client of the usual fix, as many courses teach it. It reads the length, then the header, then the body.
// It reads the body in a loop, but the length and the header with a single recv each. As long as nothing
// delays the bytes, that recv returns them whole.

import { PlainSocket } from '../../support/plain-socket.ts';
import { portOf, runProgram } from '../../support/program.ts';
import { report } from '../stage/reports.ts';

async function readAnswer(recv: (most: number) => Promise<Buffer>): Promise<string> {
  const prefix = await recv(4); // The mistake: recv(4) may return fewer than 4 bytes.
  const headerLength = prefix.readInt32LE(); // struct.unpack('i', prefix)
  const header: unknown = JSON.parse((await recv(headerLength)).toString());
  let body = Buffer.alloc(0);
  while (body.length < totalSizeOf(header)) {
    body = Buffer.concat([body, await recv(totalSizeOf(header) - body.length)]);
  }
  return body.toString();
}

function totalSizeOf(header: unknown): number {
  if (typeof header !== 'object' || header === null || !('total_size' in header)) {
    return 0;
  }
  return Number(header.total_size);
}

async function ask(port: number, connection: number): Promise<void> {
  const server = await PlainSocket.connect(port);
  const recv = async (most: number): Promise<Buffer> => {
    const bytes = await server.recv(most);
    if (bytes.length === 0) {
      throw new Error('The server ended the connection');
    }
    report({ kind: 'seen', connection, bytes: server.received });
    return bytes;
  };
  server.send('node --version');
  try {
    const answer = await readAnswer(recv);
    report({ kind: 'outcome', connection, chunks: server.chunks, answer });
  } catch (error) {
    report({ kind: 'outcome', connection, chunks: server.chunks, error: messageOf(error) });
  } finally {
    server.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

const [port, times = '1'] = process.argv.slice(2);
await runProgram(async () => {
  const server = portOf(port, 'The port');
  for (let connection = 0; connection < Number(times); connection++) {
    await ask(server, connection);
  }
});
