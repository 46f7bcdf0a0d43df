// The time server: tells the time in the format of each question, over TCP and over UDP, on one port.
//
//   npx tsx examples/time/server.ts --port 9003

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { serve } from '../../src/entries/main.ts';
import type { Connection, FramedServer } from '../../src/entries/main.ts';
import { portOf, runProgram, sayWhatFailed, untilAskedToEnd } from '../support/program.ts';
import {
  answerFrames,
  answerTo,
  decodeQuestion,
  encodeAnswer,
  MAX_DATAGRAM_LENGTH,
  questionFrames,
} from './protocol.ts';

/** TCP: a client may ask as often as it likes; its answers come in the order of its questions. */
async function attend(client: Connection<Uint8Array, Uint8Array>): Promise<void> {
  for await (const bytes of client) {
    const question = decodeQuestion(bytes);
    if (question === undefined) {
      return;
    } // Not our protocol: the connection ends.
    await client.send(encodeAnswer(answerTo(question, new Date())));
  }
}

/** UDP: there are no clients, only datagrams; each is a whole message, and says where it came from. */
function attendDatagrams(socket: Socket): void {
  socket.on('message', (bytes, from) => {
    const question = decodeQuestion(bytes);
    if (question === undefined) {
      return;
    } // No reply: the sender may be forged.
    const answer = encodeAnswer(answerTo(question, new Date()));
    const { number } = question;
    const fits = answer.length <= MAX_DATAGRAM_LENGTH;
    const sent = fits ? answer : encodeAnswer({ number, kind: 'too-long', text: '' });
    socket.send(sent, from.port, from.address, () => undefined); // Whether it arrives is unknown.
  });
}

/** The same port for both. A free one of TCP may be taken in UDP: then another is tried. */
async function listen(port: number): Promise<{ tcp: FramedServer; udp: Socket }> {
  for (let tries = port === 0 ? 10 : 1; ; tries--) {
    const codec = { read: questionFrames, write: answerFrames };
    const tcp = serve(codec, attend, { port, onError: sayWhatFailed });
    await tcp.ready;
    const udp = createSocket('udp4');
    try {
      udp.bind(tcp.port, '127.0.0.1');
      await once(udp, 'listening');
      return { tcp, udp };
    } catch (error) {
      await tcp.close();
      if (tries <= 1) {
        throw error;
      }
    }
  }
}

await runProgram(async () => {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '9003' } } });
  const { tcp, udp } = await listen(portOf(values.port));
  attendDatagrams(udp);
  console.log(`listening on 127.0.0.1:${tcp.port} (TCP and UDP)`);
  await untilAskedToEnd();
  udp.close();
  await tcp.close();
});
