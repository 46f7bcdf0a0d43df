// Asks over UDP. Each question and each answer is a datagram. UDP keeps the boundaries of datagrams, and
// nothing else. So the client asks again if no answer comes, and uses the number of an answer to find its
// question, even if answers come twice, late or out of order.

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Complaint } from '../support/program.ts';
import { decodeAnswer, encodeQuestion } from './protocol.ts';
import type { Answer, Question } from './protocol.ts';

/** Time in ms before a question is asked again. Each later wait is twice as long. */
const FIRST_PATIENCE_MS = 100;
const TRIES = 4;
const NUMBERS = 2 ** 16;

/** Asks all questions at once. Returns the answers in their order. `say` gets a line for each second try. */
export async function askOverUdp(
  port: number,
  formats: readonly string[],
  say: (line: string) => void,
): Promise<Answer[]> {
  const socket = createSocket('udp4');
  try {
    const broken = once(socket, 'error').then(([error]) => Promise.reject(Object(error)));
    // For UDP, connect sends nothing. From now on the socket takes only datagrams from this address.
    socket.connect(port, '127.0.0.1');
    await Promise.race([once(socket, 'connect'), broken]);
    const asking = new Questions(socket, say);
    const first = randomInt(NUMBERS); // An attacker who forges answers must guess the number.
    const answers = formats.map((format, index) =>
      asking.ask({ number: (first + index) % NUMBERS, format }),
    );
    return await Promise.race([Promise.all(answers), broken]);
  } finally {
    socket.close();
  }
}

/** The questions that wait for their answers. */
class Questions {
  readonly #socket: Socket;
  readonly #say: (line: string) => void;
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  constructor(socket: Socket, say: (line: string) => void) {
    this.#socket = socket;
    this.#say = say;
    socket.on('message', (bytes) => {
      const answer = decodeAnswer(bytes);
      if (answer !== undefined) {
        this.#waiting.get(answer.number)?.(answer);
      }
    });
  }

  async ask(question: Question): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) => {
      this.#waiting.set(question.number, resolve);
    });
    let patience = FIRST_PATIENCE_MS;
    for (let attempt = 1; attempt <= TRIES; attempt++, patience *= 2) {
      this.#socket.send(encodeQuestion(question), () => undefined);
      const answer = await Promise.race([answered, sleep(patience, undefined, { ref: false })]);
      if (answer !== undefined) {
        return answer;
      }
      this.#say(`udp  nothing came within ${patience} ms: asking again`);
    }
    throw new Complaint(
      `No answer came over UDP to ${TRIES} questions. UDP does not tell whether the answers were lost.`,
    );
  }
}
