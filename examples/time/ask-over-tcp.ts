// Asks over TCP: sends all questions at once on one connection, and gets the answers in order.

import { connect } from 'node:net';
import { framed } from '../../src/entries/main.ts';
import { Complaint } from '../support/program.ts';
import { answerFrames, decodeAnswer, encodeQuestion, questionFrames } from './protocol.ts';
import type { Answer } from './protocol.ts';

/** Time in ms that the server may take for an answer. */
const PATIENCE_MS = 5000;

export async function askOverTcp(port: number, formats: readonly string[]): Promise<Answer[]> {
  const codec = { read: answerFrames, write: questionFrames };
  const server = framed(connect(port, '127.0.0.1'), codec);
  const answers: Answer[] = [];
  try {
    const questions = formats.map((format, number) => encodeQuestion({ number, format }));
    const sent = Promise.all(questions.map((question) => server.send(question)));
    for (const [number] of questions.entries()) {
      const bytes = await server.receive({ timeout: PATIENCE_MS });
      const answer = bytes === undefined ? undefined : decodeAnswer(bytes);
      if (answer?.number !== number) {
        throw new Complaint(
          'The remote is not a time server: an answer is missing, or does not fit its question.',
        );
      }
      answers.push(answer);
    }
    await sent;
    await server.close();
  } finally {
    server.destroy();
  }
  return answers;
}
