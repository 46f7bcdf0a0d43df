// Codecs of protocols whose messages are several frames, for the tests of continued().

import type { Codec } from '../../src/codec/codec.ts';
import { continued } from '../../src/codec/continued.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { number } from '../../src/codec/number-field.ts';
import { toHex } from './bytes.ts';

/** The pieces of a payload, at least one. All but the last have `most` bytes. */
function pieces(payload: Uint8Array, most: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(payload.length / most));
  return Array.from({ length: count }, (_, i) => payload.subarray(i * most, (i + 1) * most));
}

export const LAST = 0x80_00_00_00;

/** ONC RPC (RFC 5531, 11): the top bit of the mark says that a fragment is the last. */
export function oncRpc(most: number, limits: { maxLength?: number; maxFragments?: number } = {}) {
  return continued(
    lengthPrefixed({
      prefix: number({ type: 'u32be', mask: 0x7f_ff_ff_ff }),
      deliver: 'parts',
      maxPayloadLength: 100,
    }),
    {
      isMore: ({ flags }) => flags !== LAST,
      split: ({ payload }) =>
        pieces(payload, most).map((piece, i, all) => ({
          flags: i === all.length - 1 ? LAST : 0,
          payload: piece,
        })),
      ...limits,
    },
  );
}

/**
 * MySQL, but with `full` instead of 2^24-1 as the length of a full packet, which is continued in the next
 * packet.
 */
export function mysql(full: number) {
  return continued(
    lengthPrefixed({ prefix: 'u24le', after: 1, deliver: 'parts', maxPayloadLength: full }),
    {
      isMore: ({ payload }) => payload.length === full,
      split: ({ after, payload }) =>
        Array.from({ length: Math.floor(payload.length / full) + 1 }, (_, i) => ({
          after: Uint8Array.of(((after[0] ?? 0) + i) % 256),
          payload: payload.subarray(i * full, (i + 1) * full),
        })),
      maxLength: 1000,
    },
  );
}

export const [HEADERS, PING] = [1, 6];
const CONTINUATION = 9;
const END_HEADERS = 4;

interface Http2Frame {
  readonly after: Uint8Array;
  readonly payload: Uint8Array;
}

const isHead = ({ after: [type = 0] }: Http2Frame): boolean =>
  type === HEADERS || type === CONTINUATION;

/** HTTP/2 (RFC 9113, 6.10): CONTINUATION frames on the same stream continue HEADERS until END_HEADERS. */
export const http2: Codec<Http2Frame> = continued<Http2Frame, Http2Frame>(
  lengthPrefixed({ prefix: 'u24be', after: 6, deliver: 'parts', maxPayloadLength: 16_384 }),
  {
    isMore: (frame) => isHead(frame) && ((frame.after[1] ?? 0) & END_HEADERS) === 0,
    fits: ({ after }, first) =>
      first === undefined
        ? after[0] !== CONTINUATION
        : after[0] === CONTINUATION && toHex(after.slice(2)) === toHex(first.after.slice(2)),
    split: (frame) => {
      const { after, payload } = frame;
      const [type = 0, flags = 0] = after;
      if (!isHead(frame)) {
        return [frame];
      }
      return pieces(payload, 16_384).map((piece, i, all) => {
        const end = i === all.length - 1 ? END_HEADERS : 0;
        const head = [i === 0 ? type : CONTINUATION, i === 0 ? (flags & ~END_HEADERS) | end : end];
        return { after: Uint8Array.of(...head, ...after.slice(2)), payload: piece };
      });
    },
  },
);

/**
 * Similar to WebSocket: bit 0 says that more follows, bit 1 marks a control frame, which may come in between.
 */
export const withControl = continued(
  lengthPrefixed({ before: 1, prefix: 'u8', deliver: 'parts' }),
  {
    isMore: ({ before }) => before[0] === 1,
    pass: ({ before }) => before[0] === 2,
    split: ({ payload }) =>
      pieces(payload, 2).map((piece, i, all) => ({
        before: Uint8Array.of(i === all.length - 1 ? 0 : 1),
        payload: piece,
      })),
    maxLength: 8,
    maxFragments: 3,
  },
);
