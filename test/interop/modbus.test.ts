// mbpoll, a Modbus master on libmodbus: it polls a server of ours over TCP, and over a serial line in RTU.
// pymodbus, a server: we poll it.

import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed, serve } from '../../src/entries/main.ts';
import { framing } from '../../src/entries/formats.ts';
import { modbusRtu } from '../support/kit/modbus-rtu.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { openLine, serialLine, socat } from './support/pty.ts';
import { programFile } from './support/python.ts';
import { framesOfRow } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';

const mbpoll = findProgram('mbpoll');
const timeout = 60_000;
const UNIT = 17;
const READ_HOLDING = 3;
const WRITE_MANY = 16;
const ILLEGAL_FUNCTION = 1;

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const bytesOf = (value: number): number[] => [value >> 8, value & 0xff];

/** A device with registers: the answer to one request, both without unit and checksum. */
function device(): (code: number, data: Uint8Array) => { code: number; data: Uint8Array } {
  const registers = new Map<number, number>();
  return (code, data) => {
    const [start, count] = [word(data, 0), word(data, 2)];
    const places = Array.from({ length: count }, (_, i) => start + i);
    if (code === READ_HOLDING) {
      const values = places.flatMap((place) => bytesOf(registers.get(place) ?? place * 7));
      return { code, data: Uint8Array.of(values.length, ...values) };
    }
    if (code === WRITE_MANY) {
      places.forEach((place, i) => registers.set(place, word(data, 5 + 2 * i)));
      return { code, data: data.slice(0, 4) };
    }
    return { code: code | 0x80, data: Uint8Array.of(ILLEGAL_FUNCTION) };
  };
}

/** Runs the master once, and returns the registers that it printed. */
async function poll(...args: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(mbpoll ?? '', ['-1', '-o', '5', ...args], {
    timeout,
  });
  return [...stdout.matchAll(/^\[(\d+)\]:\s+(\d+)/gm)].map(
    ([, place, value]) => `${place}=${value}`,
  );
}

const FIRST_EIGHT = ['1=0', '2=7', '3=14', '4=21', '5=28', '6=35', '7=42', '8=49'];

describe.skipIf(mbpoll === undefined)('mbpoll (needs mbpoll)', () => {
  test('reads and writes registers of our TCP server', async () => {
    const server = serve(framing('modbusTcp'), async (connection) => {
      const answer = device();
      for await (const { before, after, payload } of connection) {
        const { code, data } = answer(payload[0] ?? 0, payload.subarray(1));
        await connection.send({ before, after, payload: Uint8Array.of(code, ...data) });
      }
    });
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    const where = ['-m', 'tcp', '-p', `${server.port}`, '-a', `${UNIT}`];
    expect(await poll(...where, '-c', '8', '127.0.0.1')).toEqual(FIRST_EIGHT);
    expect(await poll(...where, '-c', '125', '127.0.0.1')).toHaveLength(125);
    await poll(...where, '-r', '5', '127.0.0.1', '700', '701');
    // It says what the exception of the server means.
    await expect(poll(...where, '-t', '0', '127.0.0.1')).rejects.toMatchObject({
      stderr: expect.stringMatching(/illegal function/i),
    });
  });

  test.skipIf(socat === undefined)(
    'reads and writes registers of our RTU server (needs socat)',
    async () => {
      const [ours, theirs] = await serialLine();
      const requests = framed(openLine(ours), {
        read: modbusRtu('request'),
        write: modbusRtu('response'),
      });
      onTestFinished(() => requests.destroy());
      const answer = device();
      const served = (async () => {
        for await (const { unit, code, data } of requests) {
          await requests.send({ unit, ...answer(code, data) });
        }
      })();
      served.catch(() => {});
      const where = ['-m', 'rtu', '-b', '115200', '-P', 'none', '-a', `${UNIT}`];
      expect(await poll(...where, '-c', '8', theirs)).toEqual(FIRST_EIGHT);
      expect(await poll(...where, '-c', '125', theirs)).toHaveLength(125);
      await poll(...where, '-r', '5', theirs, '700', '701', '702');
      expect(await poll(...where, '-r', '4', '-c', '5', theirs)).toEqual([
        '4=21',
        '5=700',
        '6=701',
        '7=702',
        '8=49',
      ]);
    },
  );
});

const PYTHON = '/usr/bin/python3';

function hasPymodbus(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import pymodbus.server'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasPymodbus())('the server of pymodbus (needs python3-pymodbus)', () => {
  const server = foreignServer(({ port }) => ({
    file: PYTHON,
    args: [programFile('modbus_server'), `${port}`],
  }));

  test('answers requests that we send together', async () => {
    const talk = await Exchange.open(server.port, framing('modbusTcp'));
    const counts = [1, 10, 125];
    const unit = Uint8Array.of(UNIT);
    talk.send(
      ...counts.map((count, id) => ({
        before: Uint8Array.of(0, id),
        after: unit,
        payload: Uint8Array.of(READ_HOLDING, 0, 3, 0, count),
      })),
      // Two registers from the fourth on, and then the same ones again.
      {
        before: Uint8Array.of(0, 9),
        after: unit,
        payload: Uint8Array.of(WRITE_MANY, 0, 3, 0, 2, 4, 1, 2, 3, 4),
      },
      {
        before: Uint8Array.of(0, 10),
        after: unit,
        payload: Uint8Array.of(READ_HOLDING, 0, 3, 0, 2),
      },
    );
    for (const [id, count] of counts.entries()) {
      const { before, after, payload } = await talk.next();
      expect([before[1], after[0], payload[0], payload[1]]).toEqual([id, UNIT, 3, 2 * count]);
      const values = Array.from({ length: count }, (_, i) => word(payload, 2 + 2 * i));
      expect(values).toEqual(values.map((_, i) => 7 * (3 + i)));
    }
    const written = await talk.next();
    expect([...written.payload]).toEqual([WRITE_MANY, 0, 3, 0, 2]);
    expect([...(await talk.next()).payload]).toEqual([READ_HOLDING, 4, 1, 2, 3, 4]);
    expect(framesOfRow('modbusTcp', talk.close())).toHaveLength(counts.length + 2);
  });
});
