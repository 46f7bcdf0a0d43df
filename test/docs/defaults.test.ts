// Each default stands once in the code. Where the docs of an option, the READMEs, docs/ and SECURITY.md
// repeat it, they say the same: this test asks the resolvers and reads the tables and comments.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHOP_DEFAULTS } from '../../src/chop/chop-options.ts';
import { frameLayout } from '../../src/codec/frame-layout.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { messageLayout } from '../../src/message/message-layout.ts';
import { DEFAULT_MAX_BODY_LENGTH } from '../../src/message/messages.ts';
import { resolveConnect } from '../../src/peer/connect-options.ts';
import { resolveListen } from '../../src/peer/listen-options.ts';
import { resolvePeerOptions } from '../../src/peer/peer-options.ts';
import { resolveProveDecoderOptions } from '../../src/prove/decoder/options.ts';
import { PROVE_DEFAULTS } from '../../src/prove/server/options.ts';
import { resolveDialAddress } from '../../src/stream/connecting.ts';
import {
  resolveFramedOptions,
  resolveReceiveOptions,
  resolveWithin,
} from '../../src/stream/framed-options.ts';
import { resolveServerOptions } from '../../src/stream/server-options.ts';
import { SERVER_TIMES } from '../../src/stream/serving.ts';
import { readMarkdown, root, tableRows } from './markdown.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** The default of `maxHeaderLength` of contentLength(), which its error names. */
function longestHeaderBlock(): number {
  const decoder = contentLength().decoder();
  decoder.push(new Uint8Array(MIB).fill(0x61));
  try {
    decoder.take();
  } catch (error) {
    return Number(/within (\d+) bytes/.exec(String(error))?.[1]);
  }
  throw new Error('a header block of 1 MiB was accepted');
}

const messages = messageLayout({}, DEFAULT_MAX_BODY_LENGTH);
const { limits, heartbeat, flood, framing, ...peers } = resolvePeerOptions({});
const { asked, retry } = resolveConnect({ port: 1 }, { retry: {} });

/** Defaults by the name of the option. A name that means several options has several. */
const sources: readonly object[] = [
  frameLayout({}),
  { maxHeaderLength: longestHeaderBlock() },
  { maxHeaderLength: messages.head.maxPayloadLength, maxBodyLength: messages.maxBodyLength },
  resolveFramedOptions({}),
  SERVER_TIMES,
  resolveServerOptions({}),
  resolveDialAddress({ port: 1 }),
  { within: resolveWithin({}) },
  // The `within` of a server.
  { within: 5000 },
  resolveReceiveOptions({}),
  limits,
  // Documents give it as a multiple.
  { maxPendingHeaderLength: limits.maxPendingHeaderLength / limits.maxHeaderLength },
  { heartbeatInterval: heartbeat.interval, heartbeatTimeout: heartbeat.timeout },
  { floodBurst: flood.burst, floodRate: flood.rate },
  { frameTimeout: framing.frameTimeout, sendTimeout: framing.sendTimeout },
  peers,
  resolveListen({}),
  { timeout: asked.connectTimeout },
  { ...retry },
];

/** Defaults by file, where two files give one name to options with different defaults, such as `pause`. */
const sourcesOf: Readonly<Record<string, object>> = {
  'src/chop/chop-options.ts': CHOP_DEFAULTS,
  'src/prove/decoder/options.ts': resolveProveDecoderOptions(lengthPrefixed(), {
    samples: [Uint8Array.of(0, 0, 0, 0)],
  }),
  'src/prove/server/options.ts': PROVE_DEFAULTS,
};

function defaultsOf(name: string, place: string): number[] {
  const own = sourcesOf[place];
  return (own === undefined ? sources : [own])
    .map((source): unknown => Reflect.get(source, name))
    .filter((value) => typeof value === 'number');
}

/** How documents write a number of bytes, a number of ms or a count. */
function spellings(value: number): string[] {
  if (value === Infinity) {
    return ['no limit', 'none', '不限'];
  }
  const inUnits = [
    [MIB, ' MiB'],
    [KIB, ' KiB'],
    [1000, ' s'],
    [1000, ' 秒'],
  ] as const;
  return [
    String(value),
    ...inUnits
      .filter(([unit]) => value % unit === 0)
      .map(([unit, word]) => `${value / unit}${word}`),
  ];
}

/** Whether the text names one of the values, as a whole number: `30 s` is not in `130 s`. */
function says(text: string, values: readonly number[]): boolean {
  const plain = text.replaceAll(/(\d)[ ,](?=\d{3}\b)/g, '$1');
  return values
    .flatMap(spellings)
    .some((one) => new RegExp(`(?<![\\d.])${one}(?![\\d.]*\\d|\\w)`).test(plain));
}

interface Told {
  readonly place: string;
  readonly name: string;
  readonly text: string;
}

/** The docs of the options in a file of src, each in one line. */
function docsIn(path: string): Told[] {
  const text = readFileSync(join(root, path), 'utf8');
  const docs = text.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s*readonly (\w+)\?:/gs);
  return [...docs].map(([, doc = '', name = '']) => ({
    place: path,
    name,
    text: doc.replaceAll(/\s*\n\s*\*\s*/g, ' '),
  }));
}

/** Every `Default …` in the docs of an option in src. */
function toldInOptions(): Told[] {
  const files = readdirSync(join(root, 'src'), { recursive: true }).map(String);
  return files
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => docsIn(`src/${path}`))
    .flatMap((doc) => {
      const told = /Default ([\d∞][^.]*)/.exec(doc.text)?.[1];
      return told === undefined ? [] : [{ ...doc, text: told }];
    });
}

const TABLES: readonly (readonly [
  path: string,
  header: readonly string[],
  columns: [number, number],
])[] = [
  ['README.md', ['What a remote can make grow', 'Limit', 'Default'], [1, 2]],
  ['README.zh-CN.md', ['对端能让什么变大', '上限', '默认'], [1, 2]],
  ['docs/serving.md', ['option', 'default', 'what it does'], [0, 1]],
  ['docs/peer.md', ['option', 'default', 'what happens beyond it'], [0, 1]],
  ['SECURITY.md', ['Cost', 'Limit', 'Default', 'Then', 'Test'], [1, 2]],
];

/** Every option of a table, unless its limit is more than the option itself, as in 2 × `window`. */
function toldInTables(): Told[] {
  return TABLES.flatMap(([path, header, [names, defaults]]) =>
    tableRows(readMarkdown(path).text, header).flatMap((row) => {
      const text = row[defaults] ?? '';
      const told = row[names] ?? '';
      const options = told.startsWith('`') ? [...told.matchAll(/`(\w+)`/g)] : [];
      return options.map(([, name = '']) => ({ place: path, name, text }));
    }),
  );
}

describe('a default that documents repeat', () => {
  const known = [...toldInOptions(), ...toldInTables()].filter(
    ({ name, place, text }) =>
      defaultsOf(name, place).length > 0 && /\d|no limit|none|不限/.test(text),
  );

  test('is found in many places', () => {
    expect(known.length).toBeGreaterThan(85);
  });

  test.each(known)('$name is "$text" in $place, as in the code', ({ name, place, text }) => {
    const values = defaultsOf(name, place);
    expect(says(text, values), `the code has ${values.join(', ')}`).toBe(true);
  });

  // The options of a server inherit these docs, and have another default.
  test.each(Object.entries(SERVER_TIMES))('%s says %d ms for servers, too', (name, value) => {
    const doc = docsIn('src/stream/framed-options.ts').find((one) => one.name === name);
    const told = /Default [^.]*; ([^.;]*) in `serve` and `serveMessages`/.exec(
      doc?.text ?? '',
    )?.[1];
    expect(says(told ?? '', [value]), `the doc: ${doc?.text}`).toBe(true);
  });

  test('is refused where it differs from the code', () => {
    expect(says('16 MiB', [8 * MIB])).toBe(false);
    expect(says('130 s', [30_000])).toBe(false);
    expect(says('30 000', [30_000])).toBe(true);
  });
});
