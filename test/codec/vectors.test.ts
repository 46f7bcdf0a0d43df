// The vectors of Netty, tokio-util, Twisted, Erlang, gRPC, protodelim and netstrings. Each passes, or is in a
// list with the reason why we differ: by choice, or because no option can express it.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { cutsOf, split } from '../support/deliveries.ts';
import { runs } from '../support/seed.ts';
import type { FrameValue } from '../support/slow-write.ts';
import { CODES, encodeOptions, vectorCodec, vectors } from '../support/vectors.ts';
import type { Vector } from '../support/vectors.ts';

/** We say something else, on purpose. The code is what we say instead. */
const DIFFERS: Readonly<
  Record<string, { readonly code: string | undefined; readonly because: string }>
> = {
  'edge-eof-in-header': {
    code: 'ERR_FRAME_TRUNCATED',
    because: 'Netty drops a partial frame in silence',
  },
  'edge-eof-in-body': {
    code: 'ERR_FRAME_TRUNCATED',
    because: 'Netty drops a partial frame in silence',
  },
  'varint-eof-in-prefix': {
    code: 'ERR_FRAME_TRUNCATED',
    because: 'Netty drops a partial frame in silence',
  },
  'edge-len8-2p53': {
    code: 'ERR_FRAME_LENGTH_INVALID',
    because: 'a length above 2^53-1 is no length here, and its end is not known',
  },
  'edge-whole-len-too-small': {
    code: 'ERR_FRAME_LENGTH_INVALID',
    because:
      'a length below what it counts is always fatal: where the next frame begins is a guess',
  },
  'edge-strip-more-than-frame': {
    code: 'ERR_FRAME_LENGTH_INVALID',
    because:
      'a length below what it counts is always fatal: where the next frame begins is a guess',
  },
  'protodelim-max-size-overflow': {
    code: 'ERR_PREFIX_MALFORMED',
    because:
      'a varint of more bytes than any length up to 2^53-1 needs is malformed before it is too large',
  },
  'netstring-huge-length-digits': {
    code: 'ERR_PREFIX_MALFORMED',
    because: 'digits that do not end within maxWidth are malformed before they are a number',
  },
  'netty-prepender-w5-invalid': {
    code: undefined,
    because: 'a width of five bytes is a length like any other here',
  },
};

/** No option says it. */
const INEXPRESSIBLE: Readonly<Record<string, string>> = {
  'tokio-read-update-max-frame-len-in-flight':
    'a codec is immutable: its limit does not change in flight',
  'tokio-config-max-allowed-frame-fits': 'lengths above 2^53-1 are not numbers in JavaScript',
  'erlang-fcgi': 'two numbers, content and padding, say where a frame ends',
};

interface Seen {
  readonly frames: string[];
  readonly problems: string[];
}

function decode(codec: Codec<FrameValue>, chunks: readonly Uint8Array[], eof: boolean): Seen {
  const seen: Seen = { frames: [], problems: [] };
  const decoder = codec.decoder({ onSkip: ({ code }) => seen.problems.push(code) });
  const take = (): void => {
    for (const value of decoder) {
      const bytes = value instanceof Uint8Array ? [value] : [value.after ?? hex(''), value.payload];
      seen.frames.push(toHex(join(bytes)));
    }
  };
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      take();
    }
    if (eof) {
      decoder.end();
    }
    take();
  } catch (error) {
    seen.problems.push((error as { code: string }).code);
  }
  return seen;
}

/** The chunks of the vector, all of them at once, and one byte after another. */
function deliveries(chunks: readonly Uint8Array[]): Uint8Array[][] {
  const whole = join(chunks);
  return [[...chunks], [whole], inPieces(whole, whole.length > 100_000 ? 4099 : 1)];
}

const decoding = vectors.filter(({ id, kind }) => kind === 'decode' && !(id in INEXPRESSIBLE));

describe('decoding', () => {
  test.each(decoding.map((vector) => [vector.id, vector] as const))('%s', (id, vector) => {
    const codec = vectorCodec(vector);
    if (codec === undefined) {
      throw new Error('neither expressible nor listed');
    }
    const chunks = (vector.chunks ?? []).map(hex);
    const code = id in DIFFERS ? DIFFERS[id]?.code : CODES[vector.error ?? ''];
    // A length that is fatal here is followed by nothing, whatever upstream goes on with.
    const resumes = !(id in DIFFERS) || code === 'ERR_FRAME_TRUNCATED';
    const frames = resumes ? (vector.frames ?? []).map((frame) => toHex(hex(frame))) : [];
    const check = (delivery: Uint8Array[]): void => {
      const seen = decode(codec, delivery, vector.eof ?? false);
      expect(seen.frames).toEqual(frames);
      expect(seen.problems[0]).toBe(code);
    };
    for (const delivery of deliveries(chunks)) {
      check(delivery);
    }
    const stream = join(chunks);
    if (stream.length > 100_000) {
      return;
    }
    fc.assert(
      fc.property(cutsOf(stream.length), (cuts) => check(split(stream, cuts))),
      runs(30),
    );
  });
});

const encoding = vectors.filter(({ id, kind }) => kind === 'encode' && !(id in INEXPRESSIBLE));

function attempt(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('encoding', () => {
  test.each(encoding.map((vector) => [vector.id, vector] as const))('%s', (id, vector) => {
    const codec = vectorCodec(vector);
    if (codec === undefined) {
      throw new Error('neither expressible nor listed');
    }
    const { after: leftOut } = encodeOptions(vector) ?? {};
    const left = typeof leftOut === 'number' ? leftOut : 0;
    const encode = (payload: Uint8Array): string => {
      const after = payload.slice(0, left);
      const value = left > 0 ? { after, payload: payload.slice(left) } : payload;
      return toHex(join(codec.encode(value)));
    };
    const fits = typeof vector.wire === 'string' || id in DIFFERS;
    const { payload = '', wire, then = [] } = vector;
    const all = [{ payload, wire: wire ?? '000000000161' }, ...then];
    for (const one of fits ? all : []) {
      expect(encode(hex(one.payload))).toBe(toHex(hex(one.wire)));
    }
    expect(attempt(() => encode(hex(payload)))).toBe(fits ? undefined : 'ERR_FRAME_UNENCODABLE');
  });
});

describe('limits that the prefix clips', () => {
  test('tokio-config-neg-adjusted-frame-does-not-fit', () => {
    const codec = lengthPrefixed({ prefix: 'u8', counts: ['prefix', 'payload'] });
    expect(codec.encodedLength(new Uint8Array(254))).toBe(255);
    expect(() => codec.encode(new Uint8Array(255))).toThrow('maxPayloadLength 254');
  });

  test('tokio-config-pos-adjusted-frame-does-not-fit', () => {
    const codec = lengthPrefixed({ prefix: 'u8', after: 1, deliver: 'parts' });
    const after = new Uint8Array(1);
    expect(codec.encodedLength({ after, payload: new Uint8Array(255) })).toBe(257);
    const call = (): unknown => codec.encode({ after, payload: new Uint8Array(256) });
    expect(call).toThrow('maxPayloadLength 255');
  });
});

function agree(vector: Vector): boolean {
  const codec = vector.kind === 'decode' ? vectorCodec(vector) : undefined;
  if (codec === undefined) {
    return false;
  }
  const seen = decode(codec, (vector.chunks ?? []).map(hex), vector.eof ?? false);
  const frames = (vector.frames ?? []).map((frame) => toHex(hex(frame)));
  const same = JSON.stringify(seen.frames) === JSON.stringify(frames);
  return same && seen.problems[0] === CODES[vector.error ?? ''];
}

describe('the lists of exceptions', () => {
  test('name vectors that exist, each in one list', () => {
    const ids = new Set(vectors.map(({ id }) => id));
    const listed = [...Object.keys(DIFFERS), ...Object.keys(INEXPRESSIBLE)];
    expect(listed.filter((id) => !ids.has(id))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });

  test('name only vectors with which we really differ', () => {
    expect(vectors.filter((one) => one.id in DIFFERS && agree(one)).map(({ id }) => id)).toEqual(
      [],
    );
  });

  test('cover every vector that is neither decoded nor encoded here', () => {
    const here = new Set([...decoding, ...encoding].map(({ id }) => id));
    const configs = vectors.filter(({ kind }) => kind === 'config').map(({ id }) => id);
    const left = vectors.filter(({ id }) => !here.has(id) && !(id in INEXPRESSIBLE));
    expect(left.map(({ id }) => id)).toEqual(configs.filter((id) => !(id in INEXPRESSIBLE)));
    expect(left).toHaveLength(2);
  });
});
