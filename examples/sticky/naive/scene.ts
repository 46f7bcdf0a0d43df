// Scene 1: two commands. What the client takes for the second answer is the next part of the first answer.

import { runCommand } from '../stage/commands.ts';
import { count, NAME_COLUMNS, paint } from '../../support/ink.ts';
import { onOneLine } from '../../support/shown.ts';
import { draw } from '../stage/picture.ts';
import { Program, startServer } from '../stage/programs.ts';
import type { Stage } from '../stage/stage.ts';

const LONG = 'node --help';
const SHORT = 'node --version';

interface Seen {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly left: Uint8Array;
}

export async function naiveScene(stage: Stage): Promise<void> {
  const words = stage.words.naive;
  stage.title(1, words.title);
  stage.code('server:  client.send(output)', words.server);
  stage.code('client:  answer = server.recv(1024)', words.mistake);
  stage.print();

  const [output, version, seen] = await Promise.all([runCommand(LONG), runCommand(SHORT), play()]);
  const { first, second, left } = seen;
  show(stage, { output, version }, seen);

  const rest = output.subarray(first.length, first.length + second.length);
  const to = first.length + second.length;
  const isRest = second.length > 0 && rest.equals(second);
  stage.claims.check(words.claimRest(count(first.length), count(to - 1)), isRest);
  const end = Buffer.from(left.subarray(-version.length));
  const behind = count(left.length - version.length);
  stage.claims.check(words.claimVersion(behind), isRest && end.equals(version));
}

async function play(): Promise<Seen> {
  const { server, port } = await startServer('naive/server.ts');
  const client = new Program('naive/client.ts', [port, LONG, SHORT]);
  const { bytes: first } = await client.next('naive-answer');
  const { bytes: second } = await client.next('naive-answer');
  const { bytes: left } = await client.next('left-over');
  await Promise.all([client.end(), server.end()]);
  return { first, second, left };
}

function show(stage: Stage, sent: { output: Buffer; version: Buffer }, seen: Seen): void {
  const { words } = stage;
  const { first, second, left } = seen;
  const { output, version } = sent;
  const rows = [
    {
      name: words.messages,
      segments: [
        { length: output.length, label: `${LONG}: ${count(output.length)} bytes` },
        { length: version.length, label: onOneLine(version) },
      ],
    },
    {
      name: words.chunks,
      segments: [
        { length: first.length, label: count(first.length) },
        { length: second.length, label: count(second.length) },
        { length: left.length, label: words.naive.neverRead(count(left.length)) },
      ],
    },
  ];
  stage.lines(draw(rows, stage.width));
  stage.print();
  // Both chunks get the colour of the first message, to which they belong.
  const style = 'cyan';
  const half = Math.floor((stage.width - NAME_COLUMNS - 5) / 2);
  const text = onOneLine(first);
  stage.entry(`$ ${LONG}`, `${text.slice(0, half)} … ${text.slice(-half)}`, { style });
  stage.entry(`$ ${SHORT}`, onOneLine(second), { style, remark: words.naive.notVersion });
  stage.print(`  ${paint('dim', words.naive.moral)}`);
  stage.print();
}
