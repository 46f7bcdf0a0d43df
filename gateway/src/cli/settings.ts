// The settings of the command: what a configuration file may contain, checked, and the same settings as
// flags.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MAX_TIMER_MS } from '../clock.ts';
import type { JetStreamOptions } from '../jetstream/index.ts';

/** A mistake in the settings, in one line for the user. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Files with keys and certificates, as paths. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca?: string | undefined;
}

export interface Settings {
  readonly frames: string;
  readonly listen: Place;
  readonly device: string | undefined;
  readonly bus: JetStreamOptions | undefined;
  readonly print: boolean | undefined;
  readonly health: Place;
  readonly tls: TlsFiles | undefined;
  readonly node: string | undefined;
  /** Time in ms that draining may take. */
  readonly drain: number;
  readonly limits: Readonly<Record<LimitName, number | undefined>>;
}

const LIMITS = [
  'window',
  'maxConnections',
  'maxPerAddress',
  'maxCommands',
  'identifyTimeout',
  'idleTimeout',
] as const;
type LimitName = (typeof LIMITS)[number];

const NAMES = [
  'frames',
  'listen',
  'device',
  'bus',
  'print',
  'health',
  'tls',
  'node',
  'drain',
] as const satisfies readonly (keyof Settings)[];

/** Every setting of a configuration file. */
export const SETTING_NAMES: readonly string[] = [...NAMES, ...LIMITS];

const DRAIN_MS = 10_000;
const LOCAL = '127.0.0.1';

type Json = Readonly<Record<string, unknown>>;

/** Reads the settings of a file. Paths in it are relative to the file. Throws SettingsError. */
export function settingsOf(path: string): Settings {
  const given = parse(path);
  refuseOthers(given, 'the configuration', SETTING_NAMES);
  const near = (file: string): string => resolve(dirname(path), file);
  const device = optional(given, 'device', text);
  const tls = optional(given, 'tls', object);
  return {
    frames: required(given, 'frames', text),
    listen: placeOf(required(given, 'listen', text), 'listen'),
    device: device !== undefined && isPath(device) ? near(device) : device,
    bus: busOf(given['bus']),
    print: optional(given, 'print', flag),
    health: placeOf(optional(given, 'health', text) ?? ':0', 'health'),
    tls: tls === undefined ? undefined : tlsOf(tls, near),
    node: optional(given, 'node', text),
    drain: optional(given, 'drain', delay) ?? DRAIN_MS,
    limits: limitsOf((name) => optional(given, name, number)),
  };
}

/** Returns whether the word for a device is the path of a file. */
export function isPath(word: string): boolean {
  return /[./]/.test(word);
}

/** The flags of the command line, for a run without a configuration file. */
export interface Flags {
  readonly frames?: string | undefined;
  readonly listen?: string | undefined;
  readonly device?: string | undefined;
  readonly health?: string | undefined;
}

/** Makes settings of flags. Throws SettingsError. */
export function settingsOfFlags({ frames, listen, device, health }: Flags): Settings {
  if (frames === undefined || listen === undefined) {
    throw new SettingsError('Give --config FILE, or --frames FORMAT and --listen [HOST]:PORT.');
  }
  return {
    frames,
    listen: placeOf(listen, '--listen'),
    device: device !== undefined && isPath(device) ? resolve(device) : device,
    bus: undefined,
    print: true,
    health: placeOf(health ?? ':0', '--health'),
    tls: undefined,
    node: undefined,
    drain: DRAIN_MS,
    limits: limitsOf(() => undefined),
  };
}

function limitsOf(valueOf: (name: LimitName) => number | undefined): Settings['limits'] {
  return {
    window: valueOf('window'),
    maxConnections: valueOf('maxConnections'),
    maxPerAddress: valueOf('maxPerAddress'),
    maxCommands: valueOf('maxCommands'),
    identifyTimeout: valueOf('identifyTimeout'),
    idleTimeout: valueOf('idleTimeout'),
  };
}

/**
 * Reads an address. `:7000` is a port that only this host can reach; `0.0.0.0:7000` and `[::]:7000` can be
 * reached from elsewhere.
 */
export function placeOf(word: string, name: string): Place {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(word) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw new SettingsError(`${name} must be [HOST]:PORT, such as :7000; it is ${shown(word)}.`);
  }
  const host = bracketed ?? plain ?? '';
  return { host: host === '' ? LOCAL : host, port: Number(port) };
}

function busOf(given: unknown): JetStreamOptions | undefined {
  if (given === undefined || given === 'memory') {
    return undefined;
  }
  const bus = check(given, 'bus', object);
  const words = ['prefix', 'stream'] as const;
  const numbers = ['replicas', 'maxBytes', 'maxAge', 'duplicateWindow', 'timeToLive', 'timeout'];
  const secrets = ['user', 'pass', 'token'];
  refuseOthers(bus, 'bus', ['servers', ...words, ...numbers, ...secrets]);
  const pick = <T>(names: readonly string[], kind: Kind<T>): Record<string, T> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = optional(bus, name, kind);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  return {
    servers: optional(bus, 'servers', textList),
    ...pick(words, text),
    ...pick(numbers, number),
    connect: pick(secrets, text),
  };
}

function tlsOf(given: Json, near: (file: string) => string): TlsFiles {
  refuseOthers(given, 'tls', ['key', 'cert', 'ca']);
  const ca = optional(given, 'ca', text);
  return {
    key: near(required(given, 'key', text)),
    cert: near(required(given, 'cert', text)),
    ca: ca === undefined ? undefined : near(ca),
  };
}

function parse(path: string): Json {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`${path} cannot be read: ${reason}`, { cause: error });
  }
  return check(given, path, object);
}

/** A kind of value: its name in messages (`what`), and the check (`is`). */
interface Kind<T> {
  readonly what: string;
  readonly is: (value: unknown) => value is T;
}

const text: Kind<string> = {
  what: 'a text',
  is: (value) => typeof value === 'string',
};
const textList: Kind<string | string[]> = {
  what: 'a text or a list of texts',
  is: (value): value is string | string[] =>
    text.is(value) || (Array.isArray(value) && value.length > 0 && value.every(text.is)),
};
const number: Kind<number> = {
  what: 'a number above 0',
  is: (value): value is number => typeof value === 'number' && value > 0,
};
const delay: Kind<number> = {
  what: `a number of ms above 0 and up to ${MAX_TIMER_MS}`,
  is: (value): value is number => number.is(value) && value <= MAX_TIMER_MS,
};
const flag: Kind<boolean> = {
  what: 'true or false',
  is: (value) => typeof value === 'boolean',
};
const object: Kind<Json> = {
  what: 'an object',
  is: (value): value is Json =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};

function check<T>(value: unknown, name: string, kind: Kind<T>): T {
  if (kind.is(value)) {
    return value;
  }
  throw new SettingsError(`${name} must be ${kind.what}; it is ${shown(value)}.`);
}

function optional<T>(given: Json, name: string, kind: Kind<T>): T | undefined {
  return Object.hasOwn(given, name) ? check(given[name], name, kind) : undefined;
}

function required<T>(given: Json, name: string, kind: Kind<T>): T {
  return check(Object.hasOwn(given, name) ? given[name] : undefined, name, kind);
}

function refuseOthers(given: Json, where: string, names: readonly string[]): void {
  const other = Object.keys(given).find((name) => !names.includes(name));
  if (other !== undefined) {
    throw new SettingsError(`${where} has no ${shown(other)}. It has ${names.join(', ')}.`);
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);
}
