// The remote command server of the course: runs what it receives, and sends the output. Nothing says
// where an answer ends.

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
