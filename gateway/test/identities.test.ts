// Who a device is: by its header, its certificate, or its address; and what is no id.

import * as fc from 'fast-check';
import { dial, lengthPrefixed } from 'unstick';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cert, key } from '../../test/support/self-signed.ts';
import { addressName, certificateName, isDeviceId, jtt808 } from '../src/index.ts';
import { bytes } from './support/fixtures.ts';
import { openScene } from './support/scene.ts';

type Frame = Parameters<typeof jtt808.identify>[0];

function hex(digits: string): Frame {
  return new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
}

/** Called without a connection: the protocol looks at the frame alone. */
function phoneOf(frame: Frame): string | undefined {
  return jtt808.identify(frame, undefined as never);
}

describe('JT/T 808', () => {
  //                   id   prop phone        serial
  const of2013 = hex('0002 0000 013511221122 0005');
  //                   id   prop ver phone                serial
  const of2019 = hex('0002 4000 01 00000000013511221122 0006');

  test('the phone number is the id, in the headers of 2013 and of 2019', () => {
    expect(phoneOf(of2013)).toBe('013511221122');
    expect(phoneOf(of2019)).toBe('00000000013511221122');
  });

  test('the answer repeats the sender, the serial number and the id', () => {
    expect(jtt808.acknowledge(of2013, '')).toEqual(
      Buffer.from(hex('8001 0005 013511221122 0005 0005 0002 00')),
    );
    expect(jtt808.acknowledge(of2019, '')).toEqual(
      Buffer.from(hex('8001 4005 01 00000000013511221122 0006 0006 0002 00')),
    );
  });

  test('an answer and a registration get no general answer', () => {
    expect(jtt808.acknowledge(hex('0001 0005 013511221122 0005 0007 8300 00'), '')).toBeUndefined();
    expect(jtt808.acknowledge(hex('0100 0000 013511221122 0005'), '')).toBeUndefined();
  });

  test('a command is answered by the answer with its serial number alone', () => {
    const command = hex('8300 0001 013511221122 0007 00');
    const answer = (serial: string): boolean =>
      jtt808.answers(hex(`0001 0005 013511221122 0009 ${serial} 8300 00`), command);
    expect([answer('0007'), answer('0008'), jtt808.answers(of2013, command)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('any bytes give an id or none, and never an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (given) => {
        const frame = new Uint8Array(given);
        const phone = phoneOf(frame);
        const answer = jtt808.acknowledge(frame, '');
        jtt808.answers(frame, frame);
        return (phone === undefined || isDeviceId(phone)) && (phone !== undefined || !answer);
      }),
    );
  });
});

test.each(['', 'a.b', '*', '>', 'a b', 'a\n', 'ä', 'x'.repeat(65), 7, undefined, null])(
  '%j is no id',
  (given) => {
    expect(isDeviceId(given)).toBe(false);
  },
);

test('an address makes an id', async () => {
  const { device, lines, until } = await openScene({
    identify: (_frame, connection) => addressName(connection),
  });
  const one = await device();
  await one.say('x');
  await until(() => lines.some(({ event }) => event === 'device-up'));
  const { device: id, remote = '' } = lines.find(({ event }) => event === 'device-up') ?? {};
  expect(id).toBe(`127-0-0-1-${remote.split(':')[1]}`);
});

describe('with TLS', () => {
  const tls = { key, cert, ca: cert, requestCert: true };
  const options = {
    codec: lengthPrefixed(),
    identify: (_frame: unknown, connection: Parameters<typeof certificateName>[0]) =>
      certificateName(connection),
    listen: { tls: { ...tls, rejectUnauthorized: false } },
  };

  test('the common name of the certificate is the id', async () => {
    const { devices, lines, until } = await openScene(options);
    const own = { ca: cert, key, cert };
    const one = await dial(lengthPrefixed(), { port: devices.port, host: 'localhost', tls: own });
    onTestFinished(() => one.destroy());
    await one.send(bytes('anything'));
    await until(() => lines.some(({ event }) => event === 'device-up'));
    expect(lines.find(({ event }) => event === 'device-up')?.device).toBe('localhost');
  });

  test('a device without a certificate is nobody', async () => {
    const { devices, lines, until } = await openScene(options);
    const trust = { ca: cert };
    const one = await dial(lengthPrefixed(), { port: devices.port, host: 'localhost', tls: trust });
    onTestFinished(() => one.destroy());
    await one.send(bytes('anything'));
    await until(() => lines.some(({ event }) => event === 'identity-refused'));
    expect(devices.count('identitiesRefused')).toBe(1);
  });
});
