// The scene of time: one server over TCP and UDP. Shows what UDP keeps (boundaries), and what it does not
// (size, arrival, order).

import type { Stage } from '../support/stage.ts';
import { Network } from './network.ts';
import type { Fate } from './network.ts';
import { DatagramSender, sendStream } from './senders.ts';

/** Maximum length of an IPv4 datagram: 65,535 bytes less the headers of IP and UDP. */
const LARGEST_DATAGRAM = 65_507;
const FLOOD = 5000;
const FLOOD_LENGTH = 1000;

export async function play(stage: Stage): Promise<void> {
  const { server, port } = await stage.serve();
  stage.say('The same question over TCP and over UDP.');
  await playBoth(stage, port);
  stage.say('\nA datagram keeps its boundary; a stream has none.');
  await playBoundaries(stage);
  stage.say('\nWhat a datagram costs: its size …');
  await playSize(stage, port);
  stage.say('\n… its arrival …');
  await playLoss(stage);
  await playFates(stage, { port, fates: ['lose', 'lose'], claim: LOST });
  stage.say('\n… and its place.');
  await playFates(stage, { port, fates: ['overtake', 'double'], claim: REORDERED });
  await server.end();
}

async function playBoth(stage: Stage, port: number): Promise<void> {
  const args = ['--port', port, '--over', 'both', '%Y', '%F'];
  const { stdout, code } = await stage.start('client.ts', args).ended;
  const lines = /^tcp {2}\d{4}\ntcp {2}\d{4}-\d\d-\d\d\nudp {2}\d{4}\nudp {2}\d{4}-\d\d-\d\d\n$/;
  const isRight = code === 0 && lines.test(withoutRepeats(stdout));
  stage.check('two questions, two answers, over either', isRight, stdout);
}

/**
 * What a client printed, without its lines about questions that it asked again. On a busy machine an answer over
 * UDP may be late, although nothing was lost.
 */
export function withoutRepeats(stdout: string): string {
  return stdout.replaceAll(/^udp {2}nothing came within .*\n/gm, '');
}

/** Three messages of 5, 10 and 15 bytes, sent before the receiver reads anything. */
async function playBoundaries(stage: Stage): Promise<void> {
  const messages = [5, 10, 15].map((length) => Buffer.alloc(length, 'm'));
  const { udp, tcp } = await sendToBusy(stage, messages);
  stage.check('udp: three messages were sent, three came', udp.pieces === 3);
  stage.check('tcp: all bytes came, and not in three pieces', tcp.bytes === 30 && tcp.pieces < 3);
}

async function playSize(stage: Stage, port: number): Promise<void> {
  const sender = await DatagramSender.open(port);
  const fits = await sender.send(Buffer.alloc(LARGEST_DATAGRAM)).catch(String);
  const refused = await sender.send(Buffer.alloc(LARGEST_DATAGRAM + 1)).catch(String);
  await sender.close();
  stage.say(`  me        │ ${String(refused)}`);
  stage.check(
    '65,507 bytes are the most; one more is refused',
    fits === undefined && String(refused).includes('EMSGSIZE'),
  );
  const long = '%F '.repeat(200);
  const args = ['--port', port, '--over', 'udp', long];
  const { stdout } = await stage.start('client.ts', args, { quiet: true }).ended;
  const [remark = '', answer = ''] = withoutRepeats(stdout).split('\n');
  stage.say(`  client    │ ${remark}\n  client    │ ${answer.slice(0, 40)} …`);
  stage.check(
    'an answer of 2,200 bytes would be fragmented: the server says so, the client asks over TCP',
    remark.includes('asking over TCP') && answer.startsWith('tcp  ') && answer.length > 2000,
  );
}

async function playLoss(stage: Stage): Promise<void> {
  const messages = Array.from({ length: FLOOD }, () => Buffer.alloc(FLOOD_LENGTH, 'm'));
  const { udp, tcp } = await sendToBusy(stage, messages);
  const lost = FLOOD - udp.pieces;
  stage.check(
    `udp: of ${FLOOD} datagrams to a busy receiver ${lost} were lost, and no call failed`,
    lost > 0 && udp.bytes === udp.pieces * FLOOD_LENGTH,
  );
  stage.check(
    `tcp: all ${FLOOD * FLOOD_LENGTH} bytes came, because the sender waited`,
    tcp.bytes === FLOOD * FLOOD_LENGTH,
  );
}

const LOST = 'two answers were lost: the client asked again, and has both';
const REORDERED = 'the second answer came first, and twice: each question has its own answer';

async function playFates(
  stage: Stage,
  { port, fates, claim }: { port: number; fates: readonly Fate[]; claim: string },
): Promise<void> {
  const network = new Network(port, fates);
  const args = ['--port', await network.listen(), '--over', 'udp', 'first %%', 'second %%'];
  const { stdout, code } = await stage.start('client.ts', args).ended;
  network.close();
  const answers = stdout.split('\n').filter((line) => line.endsWith('%'));
  stage.check(claim, code === 0 && answers.join() === 'udp  first %,udp  second %', stdout);
}

interface Found {
  readonly bytes: number;
  readonly pieces: number;
}

/** Sends the same messages over UDP and TCP to a receiver that starts to read only after they were sent. */
async function sendToBusy(
  stage: Stage,
  messages: readonly Uint8Array[],
): Promise<{ udp: Found; tcp: Found }> {
  const receiver = stage.start('busy-receiver.ts', [], { name: 'receiver' });
  const [, udpPort] = await receiver.line(/datagrams to (\d+)/);
  const [, tcpPort] = await receiver.line(/listening on .*:(\d+)/);
  const found = { udp: receiver.line(/^udp: (\d+) bytes in (\d+)/), tcp: receiver.ended };
  found.udp.catch(() => undefined); // Awaited below, unless something fails earlier.
  const sender = await DatagramSender.open(Number(udpPort));
  try {
    for (const message of messages) {
      await sender.send(message);
    }
    const stream = await sendStream(Number(tcpPort), messages);
    receiver.type('\n');
    await sender.sayUntil(Buffer.alloc(0), found.udp);
    await stream.sent;
  } finally {
    await sender.close();
  }
  const [, bytes, pieces] = await found.udp;
  const [, ofStream, chunks] = /tcp: (\d+) bytes in (\d+)/.exec((await found.tcp).stdout) ?? [];
  return {
    udp: { bytes: Number(bytes), pieces: Number(pieces) },
    tcp: { bytes: Number(ofStream), pieces: Number(chunks) },
  };
}
