// Receives the messages of each trial, and reports the lengths of all that it took for messages.

import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { framed } from '../../../src/entries/main.ts';
import { PlainSocket } from '../../support/plain-socket.ts';
import { listeningPort } from '../stage/serve-each.ts';
import { report } from '../stage/reports.ts';
import { parseTrials } from './trial.ts';
import type { Trial } from './trial.ts';

/** Keeps the process busy, as a real receiver is after a recv. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) {}
}

async function attend(socket: Socket, trial: Trial): Promise<void> {
  const lengths: number[] = [];
  if (trial.recv === 0) {
    const connection = framed(socket);
    for await (const message of connection) {
      lengths.push(message.length);
      work(trial.work);
    }
    await connection.close();
  } else {
    const client = new PlainSocket(socket);
    for (;;) {
      const chunk = await client.recv(trial.recv);
      if (chunk.length === 0) {
        break;
      }
      lengths.push(chunk.length);
      work(trial.work);
    }
    client.end();
  }
  report({ kind: 'taken', lengths });
}

const trials = parseTrials(process.argv.slice(2));
const server = createServer({ allowHalfOpen: true }, (socket) => {
  const trial = trials.shift();
  if (trial !== undefined) {
    void attend(socket, trial);
  }
});
server.listen(0, '127.0.0.1', () => report({ kind: 'ready', port: listeningPort(server) }));
