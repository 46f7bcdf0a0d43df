// The same client as client.ts, written with unstick. It sends the same bytes to the same server. Only the
// receiving is different.

import { once } from 'node:events';
import { connect } from 'node:net';
import { framed, messages, rawBytes } from '../../../src/entries/main.ts';
import { portOf, runProgram } from '../../support/program.ts';
import { report } from '../stage/reports.ts';

/** Answers are struct.pack('i', …) + {"total_size": …} + body. Commands have no length. */
const codec = {
  write: rawBytes(),
  read: messages({ prefix: 'i32le', bodyLengthKey: 'total_size' }),
};

async function ask(port: number, connection: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  const server = framed(socket, codec);
  const chunks: number[] = [];
  // This listener only reports the chunks. The messages come from `server`.
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk.length);
    report({ kind: 'seen', connection, bytes: chunks.reduce((sum, length) => sum + length) });
  });
  try {
    await server.send(Buffer.from('node --version'));
    const message = await server.receive();
    const answer = Buffer.from(message?.body ?? []).toString();
    report({ kind: 'outcome', connection, chunks, answer });
    await server.close();
  } catch (error) {
    report({ kind: 'outcome', connection, chunks, error: String(error) });
  }
}

const [port, times = '1'] = process.argv.slice(2);
await runProgram(async () => {
  const server = portOf(port, 'The port');
  for (let connection = 0; connection < Number(times); connection++) {
    await ask(server, connection);
  }
});
