// The messages of JT/T 808-2013 that this example speaks. A message is the payload of a frame of the format
// `jtt808`, which has removed markers, escapes and check code. This file uses no socket.
//
//   0     2          4             10        12
//   ┌─────┬──────────┬─────────────┬─────────┬──────
//   │ id  │ length   │ phone, BCD  │ serial  │ body
//   └─────┴──────────┴─────────────┴─────────┴──────

import iconv from 'iconv-lite';

const HEAD_LENGTH = 12;
const PHONE = { at: 4, length: 6 };

const IDS = {
  /** Of the terminal: it has taken a message of the platform. */
  terminalAnswer: 0x00_01,
  /** Of the terminal: where it is. */
  report: 0x02_00,
  /** Of the platform: it has taken a message of the terminal. */
  platformAnswer: 0x80_01,
  /** Of the platform: text for the driver. */
  text: 0x83_00,
} as const;

/** Bit 3 of the flag of a text: show it on the display. */
const ON_DISPLAY = 0x04;
/** A report's body without additional items. */
const PLACE_LENGTH = 28;
/** The additional item with the mileage in tenths of a kilometre. */
const MILEAGE = { id: 0x01, length: 4 };
const DEGREES = 1e6;

/** A report of a tracker: where it is, and how far it has driven. */
export interface Report {
  readonly latitude: number;
  readonly longitude: number;
  /** In tenths of a kilometre. */
  readonly mileage: number;
  readonly time: Date;
}

export type Message = { readonly phone: string; readonly serial: number } & (
  | ({ readonly type: 'report' } & Report)
  | { readonly type: 'text'; readonly text: string }
  /** An answer names the message that it answers by its serial number. */
  | { readonly type: 'platformAnswer' | 'terminalAnswer'; readonly answered: number }
);

/** Encodes a message. */
export function messageBytes(message: Message): Uint8Array {
  const body = bodyOf(message);
  const head = Buffer.alloc(HEAD_LENGTH);
  head.writeUInt16BE(IDS[message.type], 0);
  head.writeUInt16BE(body.length, 2);
  head.write(message.phone, PHONE.at, PHONE.length, 'hex');
  head.writeUInt16BE(message.serial, PHONE.at + PHONE.length);
  return Buffer.concat([head, body]);
}

function bodyOf(message: Message): Buffer {
  switch (message.type) {
    case 'report':
      return reportBody(message);
    case 'text':
      return Buffer.concat([Buffer.of(ON_DISPLAY), iconv.encode(message.text, 'gbk')]);
    default: {
      const asked = message.type === 'terminalAnswer' ? IDS.text : IDS.report;
      const body = Buffer.alloc(5);
      body.writeUInt16BE(message.answered, 0);
      body.writeUInt16BE(asked, 2);
      return body;
    }
  }
}

function reportBody({ latitude, longitude, mileage, time }: Report): Buffer {
  const body = Buffer.alloc(PLACE_LENGTH + 2 + MILEAGE.length);
  body.writeUInt32BE(Math.round(latitude * DEGREES), 8);
  body.writeUInt32BE(Math.round(longitude * DEGREES), 12);
  const digits = time.toISOString().replaceAll(/\D/g, '').slice(2, 14);
  body.write(digits, PLACE_LENGTH - 6, 'hex');
  body.set([MILEAGE.id, MILEAGE.length], PLACE_LENGTH);
  body.writeUInt32BE(mileage, PLACE_LENGTH + 2);
  return body;
}

/** Decodes a message. Returns `undefined` for one that this example does not know, or that is too short. */
export function readMessage(bytes: Uint8Array): Message | undefined {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (message.length < HEAD_LENGTH) {
    return undefined;
  }
  const phone = message.toString('hex', PHONE.at, PHONE.at + PHONE.length);
  const serial = message.readUInt16BE(PHONE.at + PHONE.length);
  const body = message.subarray(HEAD_LENGTH);
  switch (message.readUInt16BE(0)) {
    case IDS.report:
      return readReport({ phone, serial }, body);
    case IDS.text:
      return { phone, serial, type: 'text', text: iconv.decode(body.subarray(1), 'gbk') };
    case IDS.platformAnswer:
      return readAnswer({ phone, serial, type: 'platformAnswer' }, body);
    case IDS.terminalAnswer:
      return readAnswer({ phone, serial, type: 'terminalAnswer' }, body);
    default:
      return undefined;
  }
}

type Sender = Pick<Message, 'phone' | 'serial'>;

function readReport(sender: Sender, body: Buffer): Message | undefined {
  const hasMileage = body[PLACE_LENGTH] === MILEAGE.id && body[PLACE_LENGTH + 1] === MILEAGE.length;
  if (body.length < PLACE_LENGTH + 2 + MILEAGE.length || !hasMileage) {
    return undefined;
  }
  const digits = body.toString('hex', PLACE_LENGTH - 6, PLACE_LENGTH);
  const [year, month, day, hour, minute, second] = digits.match(/../g) ?? [];
  return {
    ...sender,
    type: 'report',
    latitude: body.readUInt32BE(8) / DEGREES,
    longitude: body.readUInt32BE(12) / DEGREES,
    mileage: body.readUInt32BE(PLACE_LENGTH + 2),
    time: new Date(`20${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
  };
}

function readAnswer(
  sender: Sender & { readonly type: 'platformAnswer' | 'terminalAnswer' },
  body: Buffer,
): Message | undefined {
  return body.length < 2 ? undefined : { ...sender, answered: body.readUInt16BE(0) };
}
