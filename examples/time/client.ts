// The time client: asks for the time in each given format, over TCP, over UDP, or over both.
//
//   npx tsx examples/time/client.ts --port 9003 --over both '%Y-%m-%d' '%X'

import { Complaint, portOf, readArgs, runProgram } from '../support/program.ts';
import { printLine } from '../support/shown.ts';
import { askOverTcp } from './ask-over-tcp.ts';
import { askOverUdp } from './ask-over-udp.ts';
import { MAX_QUESTION_LENGTH } from './protocol.ts';
import type { Answer } from './protocol.ts';

function show(over: string, { kind, text }: Answer): void {
  if (kind === 'time') {
    printLine(`${over}  ${text}`);
  } else {
    throw new Complaint(`The server answers: ${text}`);
  }
}

async function overTcp(port: number, formats: readonly string[]): Promise<void> {
  for (const answer of await askOverTcp(port, formats)) {
    show('tcp', answer);
  }
}

async function overUdp(port: number, formats: readonly string[]): Promise<void> {
  const answers = await askOverUdp(port, formats, printLine);
  for (const [index, answer] of answers.entries()) {
    if (answer.kind !== 'too-long') {
      show('udp', answer);
    } else {
      console.log('udp  the answer does not fit into a datagram: asking over TCP');
      await overTcp(port, formats.slice(index, index + 1));
    }
  }
}

await runProgram(async () => {
  const { values, positionals } = readArgs(
    'Asks a server for the time, in each format that is given.',
    {
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '9003' },
        over: { type: 'string', default: 'both' },
      },
    },
  );
  const port = portOf(values.port);
  if (!['tcp', 'udp', 'both'].includes(values.over)) {
    throw new Complaint(`--over is "${values.over}"; it must be tcp, udp or both.`, 2);
  }
  // An empty format leaves the choice to the server.
  const formats = positionals.length === 0 ? [''] : positionals;
  if (formats.some((format) => Buffer.byteLength(format) > MAX_QUESTION_LENGTH - 2)) {
    throw new Complaint(
      `A format may have ${MAX_QUESTION_LENGTH - 2} bytes; one of these is longer.`,
    );
  }
  if (values.over !== 'udp') {
    await overTcp(port, formats);
  }
  if (values.over !== 'tcp') {
    await overUdp(port, formats);
  }
});
