// Sends several commands at once, without waiting for their answers, as the course's client never does.

import { connect } from 'node:net';
import { framed } from '../../src/entries/main.ts';
import { answers, commandCodecs } from './wire.ts';
import type { CommandFraming } from './wire.ts';

/** Sends all of it in one write, and returns all answers up to the end. */
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
  await Promise.all([...sent, server.end()]); // No more from here; the answers still come.
  const texts: string[] = [];
  for await (const { body } of server) {
    texts.push(String(body));
  }
  return texts;
}
