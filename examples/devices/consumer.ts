// The rest of the system: takes every report of every tracker, and checks that none is missing and none is out of
// order. It prints the reports of one tracker, and all totals when it is asked for them.
//
//   npx tsx examples/devices/consumer.ts                     reports that gateways stored in NATS; the line
//                                                            `totals` on standard input asks for all totals
//   … | npx tsx examples/devices/consumer.ts --lines         frames as a gateway without NATS prints them
//
// Over NATS it is a durable consumer of JetStream: what it has not acknowledged comes again, also after it was
// killed. Its requests are those of JetStream's documented API, so this needs no client but that of NATS.

import { createInterface } from 'node:readline';
import { connect } from '@nats-io/transport-node';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { framing } from '../../src/entries/formats.ts';
import { Complaint, readArgs, runProgram } from '../support/program.ts';
import { printLine } from '../support/shown.ts';
import { readMessage } from './jtt808.ts';
import { Ledger, totalsText } from './ledger.ts';

const STREAM = 'devices';
const NAME = 'consumer';
/** Where NATS sends what this consumer gets. */
const INBOX = `unstick.example.${NAME}`;
/** Of the tracker that is printed, one report in so many. */
const SHOWN = 25;

class Consumer {
  readonly #ledger = new Ledger();
  readonly #shown: string;

  constructor(shown: string) {
    this.#shown = shown;
  }

  /** Takes one message of a tracker. `id` is equal for a message that was stored twice. */
  take(id: string, bytes: Uint8Array): void {
    const message = readMessage(bytes);
    if (message?.type !== 'report') {
      return;
    }
    this.#ledger.enter(id, message);
    const { phone, mileage, latitude, longitude } = message;
    if (phone === this.#shown && mileage % SHOWN === 1) {
      const place = `${latitude.toFixed(3)} N ${longitude.toFixed(3)} E`;
      printLine(`${phone} is at ${place} after ${(mileage / 10).toFixed(1)} km`);
    }
  }

  printTotals(): void {
    printLine(totalsText(this.#ledger.totals));
  }
}

/** Asks JetStream. Throws a Complaint with its reason. */
async function api<T>(nats: NatsConnection, subject: string, request: object = {}): Promise<T> {
  const answer = await nats.request(`$JS.API.${subject}`, JSON.stringify(request));
  // The cast: JetStream answers as its documentation says.
  const given = answer.json<T & { readonly error?: { readonly description: string } }>();
  if (given.error !== undefined) {
    throw new Complaint(`NATS refuses: ${given.error.description}.`);
  }
  return given;
}

/** The place of a message in the stream: `$JS.ACK.STREAM.CONSUMER.deliveries.PLACE.…`. */
function placeOf({ reply = '' }: Msg): number {
  return Number(reply.split('.')[5] ?? 0);
}

async function lastPlace(nats: NatsConnection): Promise<number> {
  const { state } = await api<{ readonly state: { readonly last_seq: number } }>(
    nats,
    `STREAM.INFO.${STREAM}`,
  );
  return state.last_seq;
}

async function consumeNats(url: string, consumer: Consumer): Promise<void> {
  const nats = await connect({ servers: url, maxReconnectAttempts: -1 });
  const progress = new Progress();
  nats.subscribe(INBOX, {
    callback: (error, message) => {
      if (error === null) {
        consumer.take(message.headers?.get('Nats-Msg-Id') ?? '', message.data);
        message.respond('+ACK');
        progress.come(placeOf(message));
      }
    },
  });
  await api(nats, `CONSUMER.DURABLE.CREATE.${STREAM}.${NAME}`, {
    stream_name: STREAM,
    config: { durable_name: NAME, deliver_subject: INBOX, ack_policy: 'explicit' },
  });
  printLine(`reading stream ${STREAM}`);
  const input = createInterface({ input: process.stdin });
  for await (const line of input) {
    if (line === 'totals') {
      // Totals are those of what the stream has now, so the rest of it must have come.
      await progress.reached(await lastPlace(nats));
      consumer.printTotals();
    }
  }
  await nats.close();
}

/** How far the consumer has come in the stream. */
class Progress {
  #place = 0;
  #due = Infinity;
  #reach: () => void = () => undefined;

  come(place: number): void {
    this.#place = Math.max(this.#place, place);
    if (this.#place >= this.#due) {
      this.#reach();
    }
  }

  reached(due: number): Promise<void> {
    return new Promise((resolve) => {
      this.#due = due;
      this.#reach = resolve;
      this.come(0);
    });
  }
}

/** Frames as `unstick-gateway` prints them: JSON Lines with the bytes in hex. */
async function consumeLines(consumer: Consumer): Promise<void> {
  const decoder = framing('jtt808').decoder();
  for await (const line of createInterface({ input: process.stdin })) {
    // The cast: each line is an object with a kind, and a frame has bytes.
    const { kind, bytes } = JSON.parse(line) as { readonly kind: string; readonly bytes: string };
    if (kind === 'frame') {
      decoder.push(Buffer.from(bytes, 'hex'));
      for (let frame = decoder.take(); frame !== undefined; frame = decoder.take()) {
        consumer.take(bytes, frame);
      }
    }
  }
  consumer.printTotals();
}

await runProgram(async () => {
  const { values } = readArgs('Takes and checks the reports of all trackers.', {
    options: {
      bus: { type: 'string', default: 'nats://127.0.0.1:4222' },
      lines: { type: 'boolean', default: false },
      show: { type: 'string', default: '013800000000' },
    },
  });
  const consumer = new Consumer(values.show);
  await (values.lines ? consumeLines(consumer) : consumeNats(values.bus, consumer));
});
