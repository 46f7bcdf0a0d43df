// One simulated tracker: reports its place after each tenth of a kilometre, keeps each report until the platform
// has acknowledged it, and sends what is left over the next connection. It shows texts to its driver, and
// answers when the driver confirms.
//
//   connect ──▶ send what is not acknowledged ──▶ report, report, … ──▶ the connection breaks: the next gateway

import { dial } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { framing } from '../../src/entries/formats.ts';
import { messageBytes, readMessage } from './jtt808.ts';

const codec = framing('jtt808');
type Line = Connection<Uint8Array, Uint8Array>;

/** Time in ms until the tracker tries the next gateway. */
const PAUSE_MS = 100;
/** Time in ms that the end of a connection may take. */
const CLOSE_MS = 1000;
/** Maximum number of reports that a tracker keeps. Then it drives no further. */
const MOST_KEPT = 200;
/** The serial number of a message has 16 bits. */
const SERIALS = 2 ** 16;
const SHANGHAI = { latitude: 31.23, longitude: 121.47 };
const STEP_DEGREES = 0.001;

export interface TrackerOptions {
  readonly phone: string;
  /** Ports of the gateways. The tracker begins with the first one. */
  readonly ports: readonly number[];
  /** Time in ms between two reports. */
  readonly pace: number;
  /** Called when the first acknowledgement of a connection comes, and when a connection is over. */
  onState(isConnected: boolean): void;
  /** Called with a text for the driver. */
  onText(text: string): void;
}

interface Kept {
  readonly serial: number;
  readonly bytes: Uint8Array;
}

export class Tracker {
  readonly phone: string;
  /** Reports that went out again over a later connection. */
  repeated = 0;
  readonly #options: TrackerOptions;
  readonly #kept: Kept[] = [];
  #line: Line | undefined;
  #mileage = 0;
  #serial = 0;
  /** Serial numbers of texts that the driver has not confirmed. */
  readonly #unread: number[] = [];
  #isDriving = true;

  constructor(options: TrackerOptions) {
    this.phone = options.phone;
    this.#options = options;
  }

  /** Number of reports so far. */
  get reports(): number {
    return this.#mileage;
  }

  /** Drives until `park`, and resolves when every report has been acknowledged. */
  async run(): Promise<void> {
    const timer = setInterval(() => this.#drive(), this.#options.pace);
    try {
      for (let turn = 0; this.#isBusy; turn++) {
        await this.#connection(turn).catch(() => undefined); // Try again, whatever was wrong.
        this.#line = undefined;
        this.#options.onState(false);
        if (this.#isBusy) {
          await new Promise((done) => setTimeout(done, PAUSE_MS));
        }
      }
    } finally {
      clearInterval(timer);
    }
  }

  /** Ends the journey. */
  park(): void {
    this.#isDriving = false;
    this.#leaveWhenDone();
  }

  /** The driver has read every text. */
  confirm(): void {
    for (const answered of this.#unread.splice(0)) {
      const { phone } = this;
      this.#send(messageBytes({ type: 'terminalAnswer', phone, serial: this.#next(), answered }));
    }
  }

  get #isBusy(): boolean {
    return this.#isDriving || this.#kept.length > 0;
  }

  #next(): number {
    this.#serial = (this.#serial + 1) % SERIALS;
    return this.#serial;
  }

  #drive(): void {
    if (!this.#isDriving || this.#kept.length >= MOST_KEPT) {
      return;
    }
    this.#mileage++;
    const serial = this.#next();
    const bytes = messageBytes({
      type: 'report',
      phone: this.phone,
      serial,
      latitude: SHANGHAI.latitude,
      longitude: SHANGHAI.longitude + this.#mileage * STEP_DEGREES,
      mileage: this.#mileage,
      time: new Date(),
    });
    this.#kept.push({ serial, bytes });
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    this.#line?.send(bytes).catch(() => undefined); // The reader of the connection gets the error, too.
  }

  async #connection(turn: number): Promise<void> {
    const { ports } = this.#options;
    const line = await dial(codec, { port: ports[turn % ports.length] ?? 0 });
    this.#line = line;
    this.repeated += turn === 0 ? 0 : this.#kept.length;
    for (const { bytes } of this.#kept) {
      this.#send(bytes);
    }
    let isFirst = true;
    try {
      for await (const frame of line) {
        if (this.#take(frame) && isFirst) {
          isFirst = false;
          this.#options.onState(true);
        }
      }
    } finally {
      // A gateway that is ended in order waits for our FIN.
      await line.close({ within: CLOSE_MS });
    }
  }

  /** Takes a message of the platform. Returns whether it acknowledges a report. */
  #take(frame: Uint8Array): boolean {
    const message = readMessage(frame);
    if (message?.type === 'text') {
      this.#unread.push(message.serial);
      this.#options.onText(message.text);
      return false;
    }
    const at = this.#kept.findIndex(({ serial }) => {
      return message?.type === 'platformAnswer' && serial === message.answered;
    });
    if (at === -1) {
      return false;
    }
    this.#kept.splice(at, 1);
    this.#leaveWhenDone();
    return true;
  }

  #leaveWhenDone(): void {
    if (!this.#isBusy) {
      void this.#line?.close();
    }
  }
}
