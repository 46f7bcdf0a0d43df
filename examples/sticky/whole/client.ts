// The client on unstick: asks for one command after the other over one connection. It holds one piece of
// output at a time, whatever the length of the whole output.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { framed, messages } from '../../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../../src/entries/main.ts';
import { Complaint, portOf, runProgram } from '../../support/program.ts';
import { MemoryGauge, report } from '../stage/reports.ts';

/** Maximum number of bytes of an answer that the scene shows. */
const TEXT_LENGTH = 200;
const codec = messages();

type Server = Connection<OutgoingMessage, Message>;

/**
 * Asks for one command and reports its output. A listener of the caller appends to `chunks` while this runs.
 */
async function ask(server: Server, run: string, chunks: number[]): Promise<void> {
  const hash = createHash('sha256');
  const gauge = new MemoryGauge();
  const pieces: number[] = [];
  chunks.length = 0;
  let length = 0;
  let text = '';
  await server.send({ header: { run } });
  for await (const message of server) {
    const { header, body } = message;
    pieces.push(codec.encodedLength(message));
    gauge.sample();
    if ('exit' in header) {
      const exit = Number(header['exit']);
      const sum = { length, sha256: hash.digest('hex'), exit, text, memory: gauge.memory };
      report({ kind: 'received', ...sum, chunks, pieces });
      return;
    }
    hash.update(body);
    length += body.length;
    if (text.length < TEXT_LENGTH) {
      text += Buffer.from(body.subarray(0, TEXT_LENGTH)).toString();
    }
  }
  throw new Complaint(`The server ended before the answer to "${run}" did`);
}

const [port, ...commands] = process.argv.slice(2);
await runProgram(async () => {
  const socket = connect({ port: portOf(port, 'The port'), host: '127.0.0.1' });
  await once(socket, 'connect');
  const server = framed(socket, codec);
  const chunks: number[] = [];
  // This listener only watches the chunks. The messages come from `server`.
  socket.on('data', (chunk: Buffer) => chunks.push(chunk.length));
  for (const command of commands) {
    await ask(server, command, chunks);
  }
  await server.close();
});
