// The server of the fix. It sends 4 bytes of length, a JSON header with the length of the body, and the body,
// which is right. It keeps the output of each command, so that 300 questions start one process.

import { runCommand } from '../stage/commands.ts';
import { serveEach } from '../stage/serve-each.ts';
import type { PlainSocket } from '../../support/plain-socket.ts';

const outputs = new Map<string, Promise<Buffer>>();

function outputOf(command: string): Promise<Buffer> {
  const output = outputs.get(command) ?? runCommand(command);
  outputs.set(command, output);
  return output;
}

async function attend(client: PlainSocket): Promise<void> {
  for (;;) {
    const command = await client.recv(1024);
    if (command.length === 0) {
      break;
    }
    const body = await outputOf(command.toString());
    const header = Buffer.from(JSON.stringify({ total_size: body.length }));
    const prefix = Buffer.alloc(4); // struct.pack('i', len(header))
    prefix.writeInt32LE(header.length);
    client.send(prefix);
    client.send(header);
    client.send(body);
  }
  client.end();
}

await serveEach(attend);
