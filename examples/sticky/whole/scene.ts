// Scene 3: the commands of scene 1 on unstick, and then a command with a very long output.

import { createHash } from 'node:crypto';
import { longCommand, runCommand } from '../stage/commands.ts';
import { compare, endsOf, segmentsOf, stuckStretch } from '../stage/ends.ts';
import { bar, count, mebibytes, paint } from '../../support/ink.ts';
import { onOneLine } from '../../support/shown.ts';
import { draw } from '../stage/picture.ts';
import { Program, startServer } from '../stage/programs.ts';
import type { Memory, Report } from '../stage/reports.ts';
import type { Stage } from '../stage/stage.ts';

type Served = Extract<Report, { readonly kind: 'served' }>;
type Received = Extract<Report, { readonly kind: 'received' }>;

/**
 * Maximum growth of server and client in bytes. A program that held the answer would need 206 MiB. A program
 * that only reads and counts grows by 40 MiB on Node 20, and by up to 80 MiB on Node 24, which collects
 * later.
 */
const MEMORY_LIMIT = 128 * 2 ** 20;
const LONG_ENOUGH = 200e6;
const SHORT_COMMANDS = ['node --help', 'node --version'];

export async function wholeScene(stage: Stage): Promise<void> {
  const words = stage.words.whole;
  stage.title(3, words.title);
  stage.code('server:  await client.send({ header, body })', words.server);
  stage.code('client:  for await (… of framed(socket, …))', words.client);
  stage.print();

  const { server, port } = await startServer('whole/server.ts');
  const client = new Program('whole/client.ts', [port, ...SHORT_COMMANDS, longCommand]);
  await shortAnswers(stage, server, client);
  const startedAt = performance.now();
  const received = await client.next('received');
  const seconds = (performance.now() - startedAt) / 1000;
  const served = await server.next('served');
  await Promise.all([client.end(), server.end()]);

  showArrival(stage, received, seconds);
  const sent = count(served.length);
  const isLong = received.length === served.length && received.length >= LONG_ENOUGH;
  stage.claims.check(words.claimLong(sent), isLong && received.exit === 0);
  stage.print();
  const [sentHash, receivedHash] = words.hashes;
  stage.entry(sentHash, served.sha256);
  stage.entry(receivedHash, received.sha256);
  stage.claims.check(words.claimHash, served.sha256 === received.sha256);
  stage.print();
  showMemory(stage, served, received);
}

async function shortAnswers(stage: Stage, server: Program, client: Program): Promise<void> {
  let allEqual = true;
  for (const command of SHORT_COMMANDS) {
    const { text, sha256, exit } = await client.next('received');
    await server.next('served');
    const real = createHash('sha256')
      .update(await runCommand(command))
      .digest('hex');
    allEqual &&= sha256 === real && exit === 0;
    stage.entry(`$ ${command}`, onOneLine(text));
  }
  stage.claims.check(stage.words.whole.claimShort, allEqual);
  stage.print();
}

function showArrival(stage: Stage, received: Received, seconds: number): void {
  const words = stage.words.whole;
  const { length } = received;
  const chunkEnds = endsOf(received.chunks);
  const messageEnds = endsOf(received.pieces);
  stage.print(`  $ ${words.longOutput}`);
  stage.print(`  ${paint('dim', words.start)}`);
  const { from, to } = stuckStretch(chunkEnds, messageEnds);
  const rows = [
    { name: stage.words.messages, segments: segmentsOf(messageEnds, from, to) },
    { name: stage.words.chunks, segments: segmentsOf(chunkEnds, from, to) },
  ];
  stage.lines(draw(rows, stage.width));
  const { half, stuck } = compare(chunkEnds, messageEnds);
  stage.entry('', words.delivered(count(chunkEnds.length), count(messageEnds.length)));
  stage.entry('', words.half(count(half)));
  stage.entry('', words.stuck(count(stuck)));
  const rate = count(Math.round(length / 1e6 / seconds));
  stage.entry('', words.speed(seconds.toFixed(1), rate));
}

function showMemory(stage: Stage, served: Served, received: Received): void {
  const words = stage.words.whole;
  stage.print(`  ${paint('dim', words.memoryTitle)}`);
  const both: readonly [string, Memory][] = [
    [words.memoryNames[0], served.memory],
    [words.memoryNames[1], received.memory],
  ];
  for (const [name, memory] of both) {
    const { start, samples } = memory;
    stage.entry(name, `${bar(samples, start, start + MEMORY_LIMIT)}  ${words.memory(memory)}`);
  }
  for (const [name, { start, peak }] of both) {
    const growth = peak - start;
    stage.claims.check(words.claimMemory(name, mebibytes(growth)), growth < MEMORY_LIMIT);
  }
}
