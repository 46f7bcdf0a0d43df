// The time server: answers each question with the time in the question's format, over TCP and UDP on one
// port.
//
//   npx tsx examples/time/server.ts --port 9003

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { serve } from '../../src/entries/main.ts';
import type { Connection, FramedServer } from '../../src/entries/main.ts';
import {
  portOf,
  readArgs,
  runProgram,
  sayWhatFailed,
  untilAskedToEnd,
} from '../support/program.ts';
import {
  answerFrames,
  answerTo,
  decodeQuestion,
  encodeAnswer,
  MAX_DATAGRAM_LENGTH,
  questionFrames,
} from './protocol.ts';

/** Serves a client over TCP. The answers come in the order of the questions. */
async function attend(client: Connection<Uint8Array, Uint8Array>): Promise<void> {
  for await (const bytes of client) {
    const question = decodeQuestion(bytes);
    if (question === undefined) {
      return;
    } // The message is no question, so the connection ends.
    await client.send(encodeAnswer(answerTo(question, new Date())));
  }
}

/** Answers a datagram. UDP has no connections: each datagram is a whole message with its address. */
function attendDatagrams(socket: Socket): void {
  socket.on('message', (bytes, from) => {
    const question = decodeQuestion(bytes);
    if (question === undefined) {
      return;
    } // Send no reply, because the address may be forged.
    const answer = encodeAnswer(answerTo(question, new Date()));
    const { number } = question;
    const fits = answer.length <= MAX_DATAGRAM_LENGTH;
    const sent = fits ? answer : encodeAnswer({ number, kind: 'too-long', text: '' });
    // Ignore the result: nothing says whether the answer arrives.
    socket.send(sent, from.port, from.address, () => undefined);
  });
}

/** Listens on the same port for TCP and UDP. With port 0 it tries up to 10 ports that are free for TCP. */
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
  const { values } = readArgs('A time server over TCP and UDP.', {
    options: { port: { type: 'string', default: '9003' } },
  });
  const { tcp, udp } = await listen(portOf(values.port));
  attendDatagrams(udp);
  console.log(`listening on 127.0.0.1:${tcp.port} (TCP and UDP)`);
  await untilAskedToEnd();
  udp.close();
  await tcp.close();
});
