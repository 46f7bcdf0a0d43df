// The remote command server of the course: runs each command that it receives, and sends the output.
// Nothing marks the end of an answer.

import { runCommand } from '../stage/commands.ts';
import { serveEach } from '../stage/serve-each.ts';
import type { PlainSocket } from '../../support/plain-socket.ts';

async function attend(client: PlainSocket): Promise<void> {
  for (;;) {
    const command = await client.recv(1024);
    if (command.length === 0) {
      break;
    }
    client.send(await runCommand(command.toString()));
  }
  client.end();
}

await serveEach(attend);
