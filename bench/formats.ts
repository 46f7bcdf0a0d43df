// Formats beyond a plain length: other sections and lengths that count them, fixed bytes, varints, declared
// headers. All are compared with a plain u32be prefix (headers with binary-parser in a loop), in 64 KiB
// chunks.

import { Parser } from 'binary-parser';
import { headerPrefixed, lengthPrefixed } from '../src/entries/main.ts';
import type { Codec, FrameCodec, LengthPrefixedOptions } from '../src/entries/main.ts';
import { hold } from './harness.ts';
import type { Contender } from './harness.ts';
import { inputOf, passes } from './input.ts';
import type { Count, Input } from './input.ts';
import type { Target } from './results.ts';

const PAYLOAD_LENGTH = 256;

function taking(codec: Codec<never, unknown>): Count {
  return ({ chunks }) => {
    let found = 0;
    const decoder = codec.decoder();
    for (const chunk of chunks) {
      decoder.push(chunk);
      while (decoder.take() !== undefined) {
        found++;
      }
    }
    return found;
  };
}

function scanning(codec: FrameCodec): Count {
  return ({ chunks }) => {
    let found = 0;
    const decoder = codec.decoder();
    for (const chunk of chunks) {
      decoder.scan(chunk, () => found++);
    }
    return found;
  };
}

/**
 * Contenders that take and that scan a format. They deliver payloads only, so only finding the frames
 * differs.
 */
function format(options: LengthPrefixedOptions, payloadLength: number): [Contender, Contender] {
  const codec = lengthPrefixed({ ...options, deliver: 'payload' });
  const make = (): Input => inputOf(Buffer.concat(codec.encode(new Uint8Array(payloadLength))));
  return [passes(make, taking(codec)), passes(make, scanning(codec))];
}

const COUNTED: LengthPrefixedOptions = {
  before: 2,
  prefix: 'u16be',
  after: 4,
  counts: ['before', 'prefix', 'after', 'payload'],
};
const MAGIC: LengthPrefixedOptions = { before: Uint8Array.of(0xca, 0xfe) };
const ENCLOSED: LengthPrefixedOptions = { ...MAGIC, trailer: Uint8Array.of(0xce) };
const TARGETS: readonly Target[] = [
  { name: 'before, after, counts', atLeast: 0.8 },
  { name: 'fixed bytes in front', atLeast: 0.8 },
  { name: 'varint', atLeast: 0.7 },
];

function contests(payloadLength: number) {
  const plain = format({}, payloadLength);
  const counted = format(COUNTED, payloadLength);
  const magic = format(MAGIC, payloadLength);
  const varint = format({ prefix: 'varint' }, payloadLength);
  const enclosed = format(ENCLOSED, payloadLength);
  return ['take', 'scan'].map((way, i) => ({
    title: `formats, ${payloadLength} B payloads, ${way}`,
    unit: 'M frames/s',
    reference: 'u32be',
    targets: TARGETS,
    contenders: {
      u32be: plain[i] ?? absent,
      'before, after, counts': counted[i] ?? absent,
      'fixed bytes in front': magic[i] ?? absent,
      'fixed bytes in front and behind': enclosed[i] ?? absent,
      varint: varint[i] ?? absent,
    },
  }));
}

const absent: Contender = () => Number.NaN;

interface Header {
  readonly magic: number;
  readonly kind: number;
  readonly length: number;
}

const HEADER_LENGTH = 8;
const parser = new Parser<Header>()
  .endianness('big')
  .uint16('magic')
  .uint16('kind')
  .uint32('length');

const headered = headerPrefixed<Header>({
  header: parser,
  headerLength: HEADER_LENGTH,
  payloadLength: ({ length }) => length,
});

function headeredInput(): Input {
  const frame = Buffer.alloc(HEADER_LENGTH + PAYLOAD_LENGTH);
  frame.writeUInt32BE(PAYLOAD_LENGTH, 4);
  return inputOf(frame);
}

/**
 * binary-parser in a loop by hand. It parses a view of each header, and makes a view of the payload after it.
 */
function parsing({ chunks }: Input): number {
  let found = 0;
  let rest: Buffer = Buffer.alloc(0);
  for (const given of chunks) {
    const chunk = rest.length === 0 ? given : Buffer.concat([rest, given]);
    let at = 0;
    while (chunk.length - at >= HEADER_LENGTH) {
      const header = parser.parse(chunk.subarray(at, at + HEADER_LENGTH));
      const end = at + HEADER_LENGTH + header.length;
      if (end > chunk.length) {
        break;
      }
      const frame = { header, payload: chunk.subarray(at + HEADER_LENGTH, end) };
      at = end;
      if (frame.payload.length === PAYLOAD_LENGTH) {
        found++;
      }
    }
    rest = chunk.subarray(at);
  }
  return found;
}

await hold(import.meta.url, [
  ...contests(PAYLOAD_LENGTH),
  ...contests(16),
  {
    title: 'a declared header of 8 B, 256 B payloads',
    unit: 'M frames/s',
    reference: 'binary-parser in a loop',
    // At most 1.3 times the cost.
    targets: [{ name: 'headerPrefixed', atLeast: 1 / 1.3 }],
    contenders: {
      'binary-parser in a loop': passes(headeredInput, parsing),
      headerPrefixed: passes(headeredInput, taking(headered)),
    },
  },
]);
