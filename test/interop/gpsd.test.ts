// gpsd on a serial line: it reads our NMEA sentences and UBX messages as those of a receiver, tells its
// clients in JSON lines, and probes the receiver in UBX among other languages.

import { describe, expect, onTestFinished, test } from 'vitest';
import { framed, lines } from '../../src/entries/main.ts';
import { framing } from '../../src/entries/formats.ts';
import { utf8 } from '../support/bytes.ts';

import { Exchange } from './support/exchange.ts';
import { ForeignProcess } from './support/foreign-process.ts';
import { openLine, serialLine, socat } from './support/pty.ts';
import { framesUnderCuts } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';
import { freePort } from '../support/free-port.ts';

const gpsd = findProgram('gpsd');
const nmea = framing('nmea0183');
const ubx = framing('ubx', { resync: true });

const NAV = 0x01;
const NAV_PVT = 0x07;
const timeout = 60_000;

/** A sentence with the checksum that NMEA has between * and its end. */
function sentence(text: string): Uint8Array {
  const sum = utf8(text).reduce((all, byte) => all ^ byte, 0);
  return utf8(`${text}*${sum.toString(16).toUpperCase().padStart(2, '0')}`);
}

/** Two sentences of one second, as a receiver sends them. */
const sentencesAt = (second: number): Uint8Array[] => {
  const time = `1235${String(second).padStart(2, '0')}.00`;
  return [
    sentence(`GPRMC,${time},A,4807.0380,N,01131.0000,E,022.4,084.4,230326,,,A`),
    sentence(`GPGGA,${time},4807.0380,N,01131.0000,E,1,08,0.9,545.4,M,46.9,M,,`),
  ];
};

/** NAV-PVT: a position with its time, as one UBX message. */
function navPvt(second: number): Uint8Array {
  const payload = new DataView(new ArrayBuffer(92));
  payload.setUint32(0, (476_000 + second) * 1000, true);
  payload.setUint16(4, 2026, true);
  [3, 27, 12, 36, second, 0x07].forEach((value, i) => payload.setUint8(6 + i, value));
  payload.setUint8(20, 3); // A fix in three dimensions,
  payload.setUint8(21, 0x01); // which is valid.
  payload.setUint8(23, 11);
  payload.setInt32(24, Math.round(7.5 * 1e7), true);
  payload.setInt32(28, Math.round(51.25 * 1e7), true);
  payload.setInt32(32, 120_000, true);
  payload.setInt32(36, 80_000, true);
  return new Uint8Array(payload.buffer);
}

interface Report {
  readonly class: string;
  readonly lat?: number;
  readonly lon?: number;
  readonly driver?: string;
}

const parse = (line: Uint8Array): Report => JSON.parse(Buffer.from(line).toString());

/** gpsd on one end of a line; the other end, and a client that watches. */
async function startGpsd(): Promise<{
  line: ReturnType<typeof openLine>;
  client: Exchange<Uint8Array>;
}> {
  const [ours, theirs] = await serialLine();
  const port = await freePort();
  const args = ['-N', '-n', '-S', `${port}`, theirs];
  const daemon = await ForeignProcess.start({ file: gpsd ?? '', args, port });
  onTestFinished(() => daemon.stop());
  const client = await Exchange.open<Uint8Array>(port, lines({ maxLength: 65_536 }));
  onTestFinished(() => void client.close());
  client.send(utf8('?WATCH={"enable":true,"json":true};'));
  return { line: openLine(ours), client };
}

/** Sends seconds of a receiver until gpsd tells the place. */
async function placeOf(
  client: Exchange<Uint8Array>,
  sendSecond: (second: number) => void,
): Promise<Report> {
  let second = 0;
  const timer = setInterval(() => sendSecond(second++ % 60), 50);
  try {
    const reports = await client.until((line) => parse(line).lat !== undefined);
    return parse(reports.at(-1) ?? utf8('{}'));
  } finally {
    clearInterval(timer);
  }
}

describe.skipIf(gpsd === undefined || socat === undefined)('gpsd (needs gpsd and socat)', () => {
  test('reads NMEA that we encode, and its JSON is lines', async () => {
    const { line, client } = await startGpsd();
    const report = await placeOf(client, (second) => {
      for (const each of sentencesAt(second)) {
        nmea.encode(each).forEach((piece) => line.write(piece));
      }
    });
    expect(report).toMatchObject({
      class: 'TPV',
      lat: 48.1173,
      lon: expect.closeTo(11.516_667, 5),
    });
    const stream = client.close();
    // gpsd ends its lines with CRLF, and a cut may end its last one anywhere.
    const whole = stream.subarray(0, stream.lastIndexOf(0x0a) + 1);
    const found = framesUnderCuts(lines({ maxLength: 65_536, newline: 'crlf' }), whole);
    expect(Buffer.from(found.join(''), 'hex').toString()).toBe(Buffer.from(whole).toString());
  });

  test('reads UBX that we encode, and asks in UBX that we find between its other probes', async () => {
    const { line, client } = await startGpsd();
    const receiver = framed(line, ubx);
    onTestFinished(() => receiver.destroy());
    const report = await placeOf(client, (second) => {
      void receiver.send({ before: Uint8Array.of(NAV, NAV_PVT), payload: navPvt(second) });
    });
    expect(report).toMatchObject({ class: 'TPV', lat: 51.25, lon: 7.5 });
    // Once gpsd knows the receiver, it configures it: class 06 is CFG.
    const asked = new Set<number>();
    while (!asked.has(0x06)) {
      const message = await receiver.receive({ timeout });
      asked.add(message?.before[0] ?? 0);
    }
  });
});
