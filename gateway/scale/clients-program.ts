// The devices of the measurement as a process: bare sockets that send frames of JT/T 808 which were made before,
// and count the markers of the acknowledgements.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { framing } from 'unstick/formats';
import { answerQuestions } from './child.ts';

export interface ClientsProgramOptions {
  readonly host: string;
  readonly port: number;
  /** Address from which the devices connect: one has ports for some 28 000. */
  readonly localAddress: string;
  /** Number of the first device. */
  readonly first: number;
}

/** The cast: the only program that starts this file passes this. */
const options = JSON.parse(process.argv[2] ?? '{}') as ClientsProgramOptions;

const codec = framing('jtt808');
const MARKER = 0x7e;
const HEAD_LENGTH = 12;
/** Body of a report with its place and some additional items. */
const REPORT_LENGTH = 60;
/** The longest body of JT/T 808. */
const LONGEST_BODY = 1023;
const REPORT = 0x02_00;
const FIRST_PHONE = 13_000_000_000;
/** Connections that are opened at a time, fewer than a server holds in its backlog. */
const AT_A_TIME = 200;
/** How far a device sends ahead of the acknowledgements. */
const AHEAD = 8;

function frame(device: number, serial: number, length = REPORT_LENGTH): Buffer {
  const message = Buffer.alloc(HEAD_LENGTH + length, 0x55);
  message.writeUInt16BE(REPORT, 0);
  message.writeUInt16BE(length, 2);
  message.write(String(FIRST_PHONE + device).padStart(12, '0'), 4, 6, 'hex');
  message.writeUInt16BE(serial, 10);
  return Buffer.concat(codec.encode(message));
}

class Device {
  acknowledged = 0;
  readonly #number: number;
  readonly #socket: Socket;
  #markers = 0;
  #sent = 0;
  #due = 0;
  #done: () => void = () => undefined;

  constructor(number: number, socket: Socket) {
    this.#number = number;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
  }

  /** Sends so many frames, and resolves when they are acknowledged. */
  send(count: number): Promise<void> {
    this.#due += count;
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#go();
    });
  }

  /** Sends half of the longest frame. Resolves when the kernel has it, which is that of the gateway, too. */
  sendHalf(): Promise<void> {
    const long = frame(this.#number, this.#sent + 1, LONGEST_BODY);
    return new Promise((done) => {
      this.#socket.write(long.subarray(0, long.length / 2), () => done());
    });
  }

  #go(): void {
    for (; this.#sent < Math.min(this.#due, this.acknowledged + AHEAD); this.#sent++) {
      this.#socket.write(frame(this.#number, this.#sent));
    }
  }

  #hear(chunk: Buffer): void {
    for (let at = chunk.indexOf(MARKER); at !== -1; at = chunk.indexOf(MARKER, at + 1)) {
      this.#markers++;
    }
    this.acknowledged = Math.floor(this.#markers / 2);
    if (this.acknowledged >= this.#due) {
      this.#done();
    } else {
      this.#go();
    }
  }
}

const devices: Device[] = [];
/** Number of devices that have sent half a frame. */
let halved = 0;

/** Opens so many more connections, each with one frame that was acknowledged. */
async function open(count: number): Promise<void> {
  const { host, port, localAddress, first } = options;
  const due = devices.length + count;
  while (devices.length < due) {
    const opening = Array.from({ length: Math.min(AT_A_TIME, due - devices.length) }, () =>
      connect({ host, port, localAddress }),
    );
    await Promise.all(opening.map((socket) => once(socket, 'connect')));
    const opened = opening.map((socket, at) => new Device(first + devices.length + at, socket));
    devices.push(...opened);
    await Promise.all(opened.map((device) => device.send(1)));
  }
}

answerQuestions({
  open,
  send: async (count) => {
    await Promise.all(devices.map((device) => device.send(count)));
  },
  half: async (count) => {
    const some = devices.slice(halved, halved + count);
    halved += some.length;
    await Promise.all(some.map((device) => device.sendHalf()));
    return some.length;
  },
});
