// What a configuration file may say, and the one line for each mistake in it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { deviceOf } from '../src/cli/device.ts';
import { jetStream } from '../src/jetstream/index.ts';
import type { JetStreamOptions } from '../src/jetstream/index.ts';
import { placeOf, SettingsError, settingsOf, settingsOfFlags } from '../src/cli/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'unstick-gateway-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(settings: object | string): string {
  const path = join(folder, 'gateway.json');
  writeFileSync(path, typeof settings === 'string' ? settings : JSON.stringify(settings));
  return path;
}

const good = { frames: 'u32be', listen: ':7000' };

test('the shortest file has the defaults of a run without one', () => {
  const { print: _print, ...ofFlags } = settingsOfFlags(good);
  const { print: _none, ...ofFile } = settingsOf(file(good));
  expect(ofFile).toEqual(ofFlags);
});

test('paths are relative to the file', () => {
  const tls = { key: 'key.pem', cert: '/etc/cert.pem' };
  const settings = settingsOf(file({ ...good, device: './device.js', tls }));
  expect(settings.device).toBe(join(folder, 'device.js'));
  expect(settings.tls).toEqual({ key: join(folder, 'key.pem'), cert: '/etc/cert.pem' });
});

test('credentials go to the client of NATS', () => {
  const bus = { servers: ['a:4222', 'b:4222'], user: 'u', pass: 'p', replicas: 3 };
  const { servers, user, pass, replicas } = bus;
  expect(settingsOf(file({ ...good, bus })).bus).toEqual({
    servers,
    replicas,
    connect: { user, pass },
  });
});

test.each([
  [':7000', '127.0.0.1', 7000],
  ['0.0.0.0:0', '0.0.0.0', 0],
  ['[::]:65535', '::', 65_535],
  ['example.org:1', 'example.org', 1],
])('%s is an address', (word, host, port) => {
  expect(placeOf(word, 'listen')).toEqual({ host, port });
});

test.each(['', '7000', ':', ':65536', '::1', '[::1]', ':x', ':-1', 'a:b:1', ':1 '])(
  '%j is no address',
  (word) => {
    expect(() => placeOf(word, 'listen')).toThrow(/^listen must be \[HOST\]:PORT/);
  },
);

const MISTAKES: Readonly<Record<string, readonly [unknown, RegExp]>> = {
  'no JSON': ['{', /gateway\.json cannot be read/],
  'no object': [[good], /gateway\.json must be an object; it is \[/],
  'an unknown setting': [{ ...good, prot: 1 }, /the configuration has no "prot"\. It has frames/],
  'a setting of every object': ['{"__proto__": {}, "frames": "u8", "listen": ":1"}', /__proto__/],
  'no frames': [{ listen: ':1' }, /frames must be a text; it is missing/],
  'no listen': [{ frames: 'u8' }, /listen must be a text; it is missing/],
  'frames that are no text': [{ ...good, frames: 7 }, /frames must be a text; it is 7/],
  'a limit of 0': [{ ...good, window: 0 }, /window must be a number above 0; it is 0/],
  'a limit as text': [
    { ...good, idleTimeout: '5' },
    /idleTimeout must be a number above 0; it is "5"/,
  ],
  'a drain that no timer takes': [
    { ...good, drain: 1e12 },
    /drain must be a number of ms above 0 and up to 2147483647; it is 1000000000000/,
  ],
  'a bus that is none': [{ ...good, bus: 'kafka' }, /bus must be an object; it is "kafka"/],
  'an unknown setting of the bus': [{ ...good, bus: { server: 'x' } }, /bus has no "server"/],
  'no servers': [{ ...good, bus: { servers: [] } }, /servers must be a text or a list of texts/],
  'half of TLS': [{ ...good, tls: { key: 'k' } }, /cert must be a text; it is missing/],
  'text of a stranger': [{ ...good, 'a\u001b[2J': 1 }, /has no "a\\u001b\[2J"/],
};

describe('a file with', () => {
  test.each(Object.entries(MISTAKES))('%s is refused in one line', (_name, [given, says]) => {
    const path = file(typeof given === 'string' ? given : JSON.stringify(given));
    expect(() => settingsOf(path)).toThrow(SettingsError);
    expect(() => settingsOf(path)).toThrow(says);
  });
});

test('a file that is not there is refused', () => {
  expect(() => settingsOf(join(folder, 'other.json'))).toThrow(
    /other\.json cannot be read: ENOENT/,
  );
});

test.each([
  ['tracker', 'u32be', /device must be jtt808, certificate, address, or a path/],
  ['jtt808', 'u32be', /Devices of jtt808 need the frames jtt808; they are u32be/],
  ['./missing.mjs', 'u32be', /missing\.mjs cannot be imported/],
])('the device %s with frames %s is refused', async (word, frames, says) => {
  await expect(deviceOf(word, frames)).rejects.toThrow(says);
});

test('a file without identify is no device', async () => {
  const path = join(folder, 'device.mjs');
  writeFileSync(path, 'export const acknowledge = () => undefined;');
  await expect(deviceOf(path, 'u32be')).rejects.toThrow(/device\.mjs exports no function identify/);
});

test.each<[JetStreamOptions, RegExp]>([
  [{ prefix: 'a.>' }, /^prefix must have 1 to 32 of the characters/],
  [{ stream: '' }, /^stream must have 1 to 32 of the characters/],
  [{ servers: [] }, /^servers must name at least one server/],
  [
    { servers: 'nats://no such host:1' },
    /^servers must be HOST:PORT or .*"nats:\/\/no such host:1"/,
  ],
  [{ servers: ['a:4222', 'b:x'] }, /^servers must be .*"b:x"/],
  [{ replicas: 2.5 }, /^replicas must be 1, 3 or 5; it is 2\.5/],
  [{ replicas: 0 }, /^replicas must be/],
  [{ maxBytes: 1000.5 }, /^maxBytes must be a whole number from 1; it is 1000\.5/],
  [{ maxAge: -1 }, /^maxAge must be a whole number of ms from 1; it is -1/],
  [{ duplicateWindow: 0.5 }, /^duplicateWindow must be/],
  [{ timeToLive: Infinity }, /^timeToLive must be/],
  [{ timeout: NaN }, /^timeout must be/],
])('jetStream(%j) is refused', (options, says) => {
  expect(() => jetStream(options)).toThrow(says);
});

test.each(['127.0.0.1:4222', 'nats://[::1]:4222', 'tls://demo.nats.io', 'nats'])(
  'jetStream() takes the server %s',
  (servers) => {
    expect(() => jetStream({ servers })).not.toThrow();
  },
);
