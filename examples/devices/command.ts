// Sends a text to the driver of one tracker, and prints what became of it. This needs NATS and nothing else: a
// command is a request on the subject of the device, and the gateway that holds the device answers it.
//
//   npx tsx examples/devices/command.ts --phone 013800000000 --text 请回电

import { connect, errors, headers } from '@nats-io/transport-node';
import { countOf, readArgs, runProgram } from '../support/program.ts';
import { printLine } from '../support/shown.ts';
import { messageBytes } from './jtt808.ts';

const SERIALS = 2 ** 16;

await runProgram(async () => {
  const { values } = readArgs('Sends a text to the driver of a tracker.', {
    options: {
      bus: { type: 'string', default: 'nats://127.0.0.1:4222' },
      phone: { type: 'string', default: '013800000000' },
      text: { type: 'string', default: '请回电' },
      within: { type: 'string', default: '10000' },
    },
  });
  const { phone, text } = values;
  const serial = Math.floor(Math.random() * SERIALS);
  const timeout = countOf('within', values.within);
  const given = headers();
  given.set('Unstick-Within', String(timeout));
  const nats = await connect({ servers: values.bus });
  try {
    const bytes = messageBytes({ type: 'text', phone, serial, text });
    const answer = await nats.request(`devices.${phone}.down`, bytes, { timeout, headers: given });
    printLine(answer.headers?.get('Unstick-Outcome') ?? 'unknown');
  } catch (error) {
    // NATS knows that no gateway holds the device. Without an answer the driver may have read the text.
    const isAbsent = error instanceof errors.RequestError && error.isNoResponders();
    printLine(isAbsent ? 'absent' : 'unknown');
  } finally {
    await nats.close();
  }
});
