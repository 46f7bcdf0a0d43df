// Sends several commands without waiting for their answers. The course's client never does that.

import { connect } from 'node:net';
import { framed } from '../../src/entries/main.ts';
import { answers, commandCodecs } from './wire.ts';
import type { CommandFraming } from './wire.ts';

/** Sends all commands in one write. Returns all answers until the server ends the connection. */
export async function askTogether(
  port: number,
  framing: CommandFraming,
  commands: readonly string[],
): Promise<string[]> {
  const server = framed(connect(port, '127.0.0.1'), {
    write: commandCodecs[framing],
    read: answers,
  });
  const sent = commands.map((command) => server.send(Buffer.from(command)));
  await Promise.all([...sent, server.end()]); // We send no more; the answers still come.
  const texts: string[] = [];
  for await (const { body } of server) {
    texts.push(String(body));
  }
  return texts;
}
