// The tables of SECURITY.md: each row names existing tests that mention its limit or its code, each option
// exists, and the defaults are those of the source.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCodes } from '../../src/entries/main.ts';
import { resolveListen } from '../../src/peer/listen-options.ts';
import { resolvePeerOptions } from '../../src/peer/peer-options.ts';
import { resolveFramedOptions, resolveWithin } from '../../src/stream/framed-options.ts';
import { resolveServerOptions } from '../../src/stream/server-options.ts';
import { SERVER_TIMES } from '../../src/stream/serving.ts';
import { readMarkdown, root, sectionOf, tableRows } from './markdown.ts';

const document = readMarkdown('SECURITY.md');
const HEADER = ['Cost', 'Limit', 'Default', 'Then', 'Test'];
const SECTIONS = ['A stranger', 'An admitted remote', 'A slow remote'];

interface Row {
  readonly section: string;
  readonly cost: string;
  readonly limit: string;
  readonly preset: string;
  readonly outcome: string;
  readonly files: readonly string[];
}

function rowsOf(section: string): Row[] {
  return tableRows(sectionOf(document, section), HEADER).map((cells) => {
    const [cost = '', limit = '', preset = '', outcome = '', tests = ''] = cells;
    const files = Array.from(tests.matchAll(/`(test\/[^`]+)`/g), ([, file = '']) => file);
    return { section, cost, limit, preset, outcome, files };
  });
}

const rows = SECTIONS.flatMap(rowsOf);
/** What SECURITY.md admits that there is no limit of. */
const WITHOUT_TEST = ['connections of one address'];

/** The words in backticks that a test can speak of. */
function words({ cost, limit, outcome }: Row): string[] {
  const quoted = [limit, outcome, cost].flatMap((cell) => cell.match(/(?<=`)\w+(?=[`:(])/g) ?? []);
  return quoted.filter((word) => !/^(?:serve|listen|signal)$/.test(word));
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

describe.each(rows)('$section: $cost', (row) => {
  test('has a test', () => {
    expect(row.files.length > 0).toBe(!WITHOUT_TEST.includes(row.cost));
    expect(row.files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('whose files speak of its limit or of its code', () => {
    const silent = row.files.filter((file) => {
      const text = textOf(file);
      return !words(row).some((word) => new RegExp(`\\b${word}\\b`).test(text));
    });
    expect(silent).toEqual([]);
  });

  test('names codes that there are', () => {
    const codes = row.outcome.match(/\bERR_\w+/g) ?? [];
    expect(codes.filter((code) => !Object.hasOwn(errorCodes, code))).toEqual([]);
  });
});

const peers = resolvePeerOptions({});
const framed = resolveFramedOptions({});
const { admitTimeout } = resolveListen({});
const { handshakeTimeout, maxConnections } = resolveServerOptions({});

const KIB = 1024;
const ms = (time: number): string => (time === Infinity ? 'none' : `${time / 1000} s`);
const count = (number: number): string => (number === Infinity ? 'none' : String(number));
const bytes = (length: number): string =>
  length < KIB * KIB ? `${length / KIB} KiB` : `${length / KIB / KIB} MiB`;

/** What the cell of a default begins with, by the cell of its limit. */
const DEFAULTS: Readonly<Record<string, string>> = {
  '`maxHelloLength`': bytes(peers.maxHelloLength),
  '`frameTimeout` of `serve` and `listen`': ms(SERVER_TIMES.frameTimeout),
  '`frameTimeout`': ms(peers.framing.frameTimeout),
  '`sendTimeout` of `serve` and `listen`': ms(SERVER_TIMES.sendTimeout),
  '`idleTimeout` of `serve`': ms(framed.idleTimeout),
  '`handshakeTimeout` of `serve`': ms(handshakeTimeout),
  '`admitTimeout` of `listen`': ms(admitTimeout),
  '`helloTimeout`': ms(peers.helloTimeout),
  '`maxConnections`': count(maxConnections),
  '2 × `window`': bytes(2 * peers.limits.window),
  '`maxChannels`': count(peers.limits.maxChannels),
  '`maxPendingRequests`': count(peers.limits.maxPendingRequests),
  '`maxHeaderLength`, `maxBodyLength`': `${bytes(peers.limits.maxHeaderLength)}, ${bytes(peers.limits.maxBodyLength)}`,
  '`maxPendingHeaderLength`': bytes(peers.limits.maxPendingHeaderLength),
  '`handlerTimeout`': ms(peers.handlerTimeout),
  '`eventTimeout`': ms(peers.eventTimeout),
  '`channelTimeout`': ms(peers.channelTimeout),
  '`floodBurst`, `floodRate`': `${peers.flood.burst}, ${peers.flood.rate} a second`,
  '`highWaterMark` and one value': bytes(framed.highWaterMark),
  '`maxQueuedLength`': bytes(framed.maxQueuedLength),
  '`maxQueuedLength` of peers': bytes(peers.maxQueuedLength),
  '`heartbeatInterval` and `heartbeatTimeout`': `${ms(peers.heartbeat.interval)}, ${ms(peers.heartbeat.timeout)}`,
  '`requestTimeout`': ms(peers.requestTimeout),
  'a count, see `floodRate`': count(
    2 * peers.limits.maxChannels + peers.limits.maxPendingRequests + 1024,
  ),
};

describe('the default of', () => {
  test.each(Object.entries(DEFAULTS))('%s is %s', (limit, preset) => {
    const shown = rows.filter((row) => row.limit === limit);
    expect(shown.length).toBeGreaterThan(0);
    for (const row of shown) {
      expect(row.preset.slice(0, preset.length)).toBe(preset);
    }
  });

  test('`within` is 30 s for a connection', () => {
    const [closing] = rows.filter(({ cost }) => cost.startsWith('time: `close` to a remote'));
    expect(closing?.preset.startsWith(ms(resolveWithin({})))).toBe(true);
  });
});

test('every option that has a limit of a remote is in a table', () => {
  const { limits, framing: _, heartbeat: __, flood: ___, ...times } = peers;
  const ofFraming = ['frameTimeout', 'sendTimeout', 'idleTimeout', 'highWaterMark'];
  const names = [...Object.keys(limits), ...Object.keys(times), ...ofFraming];
  const text = rows.map(({ limit }) => limit).join('\n');
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
