// Netty: LengthFieldBasedFrameDecoder with LengthFieldPrepender, ProtobufVarint32, each in our words.

import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formats, lengthPrefixed } from '../../src/entries/main.ts';
import type { FrameCodec } from '../../src/entries/main.ts';

import { echoed, firstDifference, framesUpTo } from './support/echoing.ts';
import { foreignServer } from './support/foreign-process.ts';
import { findProgram } from './support/software.ts';
import { freePort } from '../support/free-port.ts';

const java = findProgram('java');
/** Where Debian's libnetty-java puts them. */
const jars = ['common', 'buffer', 'transport', 'resolver', 'codec'].map(
  (name) => `/usr/share/java/netty-${name}.jar`,
);
const isHere = findProgram('javac') !== undefined && jars.every((jar) => existsSync(jar));
const program = fileURLToPath(new URL('programs/NettyEcho.java', import.meta.url));

interface Kind {
  readonly name: string;
  readonly codec: FrameCodec;
  readonly limit: number;
}

const whole = lengthPrefixed({
  before: 2,
  prefix: 'u24be',
  after: 1,
  counts: ['after', 'payload'],
  deliver: 'payload',
});
/** In the order of the program's. */
const kinds: readonly Kind[] = [
  { name: 'four bytes of length', codec: lengthPrefixed(), limit: 2_000_000 },
  {
    name: 'two little-endian bytes that count themselves',
    codec: lengthPrefixed({ prefix: 'u16le', counts: ['prefix', 'payload'] }),
    limit: 65_000,
  },
  { name: 'bytes in front and behind', codec: whole, limit: 2_000_000 },
  { name: 'varints', codec: lengthPrefixed(formats.protobufDelimited), limit: 2_000_000 },
];

describe.skipIf(!isHere)('Netty (needs libnetty-java and default-jdk-headless)', () => {
  const ports: number[] = [];
  foreignServer(async ({ port }) => {
    ports.push(port);
    for (let left = kinds.length - 1; left > 0; left--) {
      ports.push(await freePort());
    }
    return { file: java ?? '', args: ['-cp', jars.join(':'), program, ...ports.map(String)] };
  });

  test.each(kinds.map((kind, at) => [kind.name, kind, at] as const))(
    'sends back every frame: %s',
    async (_, { codec, limit }, at) => {
      const sent = framesUpTo(limit);
      const back = await echoed(connect(ports[at] ?? 0, '127.0.0.1'), codec, sent);
      expect(firstDifference(sent, back)).toBe(-1);
    },
  );
});
