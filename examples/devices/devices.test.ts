// The fleet, its gateways and its consumer as processes, and what their messages and their ledger are.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasNats, natsNote } from '../support/nats.ts';
import { untold } from '../support/readme.ts';
import { onStage } from '../support/stage.ts';
import { missingForGateways } from './gateways.ts';
import { messageBytes, readMessage } from './jtt808.ts';
import type { Message } from './jtt808.ts';
import { Ledger } from './ledger.ts';
import { play } from './scene.ts';

const missing = missingForGateways();
const gatewayNote = missing === undefined ? '' : ` (skipped: ${missing})`;
const { url } = import.meta;

describe('devices', () => {
  test.skipIf(!hasNats || missing !== undefined)(
    `plays its scene, and all of it holds, as its README says${natsNote}${gatewayNote}`,
    async () => {
      const printed: string[] = [];
      const print = (line: string): void => void printed.push(line);
      expect(await onStage(url, play, { print })).toBe(7);
      expect(untold(url, printed)).toEqual([]);
    },
  );

  test.skipIf(missing !== undefined)(
    `plays without NATS, in one gateway${gatewayNote}`,
    async () => {
      expect(await onStage(url, play, { args: ['--bus', 'memory'] })).toBe(2);
    },
  );

  test.skipIf(missing !== undefined)(
    `says in one sentence that there is no nats-server${gatewayNote}`,
    async () => {
      const empty = mkdtempSync(join(tmpdir(), 'unstick-no-nats-'));
      onTestFinished(() => rmSync(empty, { recursive: true }));
      await onStage(url, async (stage) => {
        const run = stage.start('../run.ts', ['devices'], { env: { PATH: empty } });
        run.endInput();
        const { code, stdout } = await run.ended;
        expect(stdout).toMatch(/^There is no nats-server here: .+ -- devices --bus memory\n$/);
        expect(code).toBe(1);
      });
    },
  );

  test.each([['--bus'], ['--bus', 'kafka'], ['--bus', 'memory', 'x'], ['x']])(
    'refuses arguments that it does not know: %j',
    async (...args) => {
      await expect(onStage(url, play, { args })).rejects.toThrow('--bus memory');
    },
  );
});

const phone = fc.bigInt({ min: 0n, max: 999_999_999_999n }).map((n) => String(n).padStart(12, '0'));
const u16 = fc.nat(65_535);
/** Characters that GBK has. */
const text = fc.string({ unit: fc.constantFrom('请', '回', '电', 'a', ' ', '~'), maxLength: 50 });
const millionths = (most: number): fc.Arbitrary<number> => fc.nat(most * 1e6).map((n) => n / 1e6);
const seconds = fc.nat(3_000_000_000).map((n) => new Date(n * 1000));
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('report' as const),
    phone,
    serial: u16,
    latitude: millionths(90),
    longitude: millionths(180),
    mileage: fc.nat(),
    time: seconds.filter((time) => time.getUTCFullYear() >= 2000),
  }),
  fc.record({ type: fc.constant('text' as const), phone, serial: u16, text }),
  fc.record({
    type: fc.constantFrom('platformAnswer' as const, 'terminalAnswer' as const),
    phone,
    serial: u16,
    answered: u16,
  }),
);

describe('a message', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(message, (given) => {
        expect(readMessage(messageBytes(given))).toEqual(given);
      }),
    );
  });

  test('is read of any bytes, or is none', () => {
    fc.assert(
      fc.property(message, fc.nat(60), fc.uint8Array({ maxLength: 8 }), (given, at, other) => {
        const bytes = messageBytes(given);
        bytes.set(other.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        for (let length = 0; length <= bytes.length; length++) {
          const read = readMessage(bytes.subarray(0, length));
          expect(read?.phone ?? '000000000000').toHaveLength(12);
        }
      }),
    );
  });

  test('of another id is none', () => {
    const heartbeat = Buffer.from('000200000138000000010007', 'hex');
    expect(readMessage(heartbeat)).toBeUndefined();
  });

  test('is that of the standard', () => {
    const bytes = messageBytes({ type: 'text', phone: '013800000001', serial: 7, text: '粘包' });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '8300 0005 013800000001 0007 04 d5b3b0fc'.replaceAll(' ', ''),
    );
  });
});

describe('the ledger', () => {
  const TOTALS = { trackers: 1, missing: 0, disordered: 0, repeated: 0 };
  test.each([
    ['in order', [1, 2, 3], { reports: 3 }],
    ['one is missing', [1, 2, 4], { reports: 3, missing: 1 }],
    ['the first is missing', [2, 3], { reports: 2, missing: 1 }],
    ['two have changed places', [1, 3, 2, 4], { reports: 4, disordered: 1 }],
    ['one is repeated', [1, 2, 2, 3], { reports: 3, repeated: 1 }],
    ['one is repeated late', [1, 2, 3, 1], { reports: 3, repeated: 1 }],
  ])('counts when %s', (_, mileages, totals) => {
    const ledger = new Ledger();
    for (const mileage of mileages) {
      ledger.enter(`id${mileage}`, report('013800000001', mileage));
    }
    expect(ledger.totals).toEqual({ ...TOTALS, ...totals });
  });

  test('keeps trackers apart', () => {
    const ledger = new Ledger();
    for (const mileage of [1, 2]) {
      ledger.enter(`a${mileage}`, report('013800000001', mileage));
      ledger.enter(`b${mileage}`, report('013800000002', mileage));
    }
    expect(ledger.totals).toEqual({ ...TOTALS, trackers: 2, reports: 4 });
  });
});

function report(of: string, mileage: number): Extract<Message, { type: 'report' }> {
  const place = { latitude: 0, longitude: 0, time: new Date(0) };
  return { type: 'report', phone: of, serial: mileage, mileage, ...place };
}
