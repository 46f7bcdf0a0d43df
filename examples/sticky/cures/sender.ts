// Sends the messages of each trial, one send() for each, one connection after the other.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { framed } from '../../../src/index.ts';
import { endWithConductor } from '../stage/reports.ts';
import { parseTrials } from './trial.ts';
import type { Trial } from './trial.ts';

/** One call, one send() of the system. */
function sendPlainly(socket: Socket, message: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    socket.write(message, () => resolve());
  });
}

async function run(port: number, trial: Trial): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: trial.noDelay });
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  const message = Buffer.alloc(trial.length, 'm');
  const connection = trial.recv === 0 ? framed(socket) : undefined;
  for (let sent = 0; sent < trial.messages; sent++) {
    await (connection?.send(message) ?? sendPlainly(socket, message));
    if (trial.sleep > 0) await sleep(trial.sleep);
  }
  if (connection === undefined) socket.resume().end();
  else await connection.close({ discardUnread: true });
  await closed;
}

endWithConductor();
const [port, ...trials] = process.argv.slice(2);
for (const trial of parseTrials(trials)) await run(Number(port), trial);
