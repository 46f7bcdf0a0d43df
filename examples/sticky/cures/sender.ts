// Sends the messages of each trial with one send() for each message, one connection after the other.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openGate } from '../../../src/deliver/gate.ts';
import { KernelTables } from '../../../src/deliver/kernel-tables.ts';
import { framed } from '../../../src/entries/main.ts';
import { parseTrials } from './trial.ts';
import type { Trial } from './trial.ts';

/** Time in ms that the sender waits after each message for the receiver's queue to be empty. */
const PATIENCE_MS = 5000;

/** Sends a message with one write. Resolves when the system has taken it. */
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
  const tables = trial.gate ? KernelTables.open() : undefined;
  const gate = tables === undefined ? undefined : openGate(tables, socket);
  for (let sent = 0; sent < trial.messages; sent++) {
    const sending = connection?.send(message) ?? sendPlainly(socket, message);
    if (trial.sleep !== null) {
      await sending;
    }
    if (trial.sleep !== null && trial.sleep > 0) {
      await sleep(trial.sleep);
    }
    await gate?.settled(message.length, PATIENCE_MS);
  }
  tables?.close();
  if (connection === undefined) {
    socket.resume().end();
  } else {
    await connection.close();
  }
  await closed;
}

const [port, ...trials] = process.argv.slice(2);
for (const trial of parseTrials(trials)) {
  await run(Number(port), trial);
}
