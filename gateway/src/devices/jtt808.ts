// The parts of JT/T 808, the protocol of commercial vehicles in China, that a gateway must know. The frames
// are the payloads of the format `jtt808`: header and body, without markers and check code.
//
//   0     2          4       [1]        6 or 10       2          [4]                    body
//   ┌─────┬──────────┬───────┬──────────┬─────────────┬──────────┬──────────────────────┬──────
//   │ id  │ property │ 2019: version 1  │ phone, BCD  │ serial   │ property bit 13: part │
//   └─────┴──────────┴───────┴──────────┴─────────────┴──────────┴──────────────────────┴──────
//
// Sources: JT/T 808-2013, 4.4.3; JT/T 808-2019, 4.4.3 (bit 14 of the property says that a version follows).

import { createHash } from 'node:crypto';
import type { Bytes } from 'unstick';
import type { DeviceProtocol } from '../options.ts';

const VERSION_BIT = 0x4000;
const PHONE = { old: { at: 4, length: 6 }, new: { at: 5, length: 10 } };
const SERIAL_LENGTH = 2;
/** Ids of the general answers: the platform's to the terminal, and the terminal's to the platform. */
const PLATFORM_ANSWER = 0x80_01;
const TERMINAL_ANSWER = 0x00_01;
/** Id of the registration. It has an answer of its own, with a code that only the platform can give. */
const REGISTRATION = 0x01_00;

interface Head {
  readonly id: number;
  readonly property: number;
  /** Version and phone, as they are on the wire. */
  readonly sender: Uint8Array;
  readonly phone: string;
  readonly serial: number;
  readonly length: number;
}

function headOf(frame: Uint8Array): Head | undefined {
  const view = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.length < 4) {
    return undefined;
  }
  const property = view.readUInt16BE(2);
  const { at, length } = (property & VERSION_BIT) === 0 ? PHONE.old : PHONE.new;
  const end = at + length;
  if (view.length < end + SERIAL_LENGTH) {
    return undefined;
  }
  return {
    id: view.readUInt16BE(0),
    property,
    sender: view.subarray(4, end),
    phone: view.toString('hex', at, end),
    serial: view.readUInt16BE(end),
    length: end + SERIAL_LENGTH,
  };
}

/** Makes the general answer of the platform: serial and id of the message, and 0 for success. */
function platformAnswer({ id, property, sender, serial }: Head): Uint8Array {
  const answer = Buffer.alloc(4 + sender.length + SERIAL_LENGTH + 5);
  answer.writeUInt16BE(PLATFORM_ANSWER, 0);
  answer.writeUInt16BE((property & VERSION_BIT) | 5, 2);
  answer.set(sender, 4);
  const at = 4 + sender.length;
  answer.writeUInt16BE(serial, at);
  answer.writeUInt16BE(serial, at + 2);
  answer.writeUInt16BE(id, at + 4);
  return answer;
}

/** The functions of DeviceProtocol that JT/T 808 has. */
export type Jtt808 = {
  readonly [N in 'identify' | 'acknowledge' | 'messageId' | 'answers']: NonNullable<
    DeviceProtocol<Uint8Array, Bytes>[N]
  >;
};

/**
 * Devices of JT/T 808. The id is the phone number in the header. Every message gets the general answer
 * 0x8001, except for the general answer of the terminal and the registration. The general answer 0x0001 with
 * the serial number of a command is the answer to that command. A phone number is no proof of identity: use
 * TLS with client certificates where that matters.
 */
export const jtt808: Jtt808 = {
  identify: (frame) => headOf(frame)?.phone,
  acknowledge: (frame) => {
    const head = headOf(frame);
    const isAnswered =
      head !== undefined && head.id !== TERMINAL_ANSWER && head.id !== REGISTRATION;
    return isAnswered ? platformAnswer(head) : undefined;
  },
  // Hash the whole frame: the serial number alone repeats after 65 536 messages, and after each start of the
  // device.
  messageId: (frame) => createHash('sha256').update(frame).digest('hex').slice(0, 32),
  answers: (frame, command) => {
    const [answer, asked] = [headOf(frame), headOf(command)];
    if (answer?.id !== TERMINAL_ANSWER || asked === undefined) {
      return false;
    }
    const body = Buffer.from(frame.subarray(answer.length));
    return body.length >= 2 && body.readUInt16BE(0) === asked.serial;
  },
};
