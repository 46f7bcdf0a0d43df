// Frames without a length, in 64 KiB chunks, compared with hand-written loops: an indexOf loop for lines and
// markers, a loop over the bytes for escapes. All contenders but `scan` make a Buffer for each frame.

import { cobs, delimited, fixedLength, jt808, lines } from '../src/entries/main.ts';
import type { FrameCodec } from '../src/entries/main.ts';
import { hold } from './harness.ts';
import type { Contender, Contest } from './harness.ts';
import { inputOf, passes } from './input.ts';
import type { Count, Input } from './input.ts';

type Push = (chunk: Buffer) => void;

/** Counts with a hand-written loop. `make` gets the function that the loop calls for each frame. */
function byHand(make: (onFrame: (frame: Buffer) => void) => Push): Count {
  return ({ chunks }) => {
    let found = 0;
    const push = make(() => found++);
    for (const chunk of chunks) {
      push(chunk);
    }
    return found;
  };
}

function taking(codec: FrameCodec): Count {
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
 * Keeps the rest of a chunk for the next one, as every hand-written splitter does. `split` returns where it
 * begins.
 */
function keepingRest(split: (data: Buffer) => number): Push {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = data.subarray(split(data));
  };
}

const CR = 13;
const LF = 10;

function lineLoop(onLine: (line: Buffer) => void): Push {
  return keepingRest((data) => {
    let at = 0;
    for (let end = data.indexOf(LF); end !== -1; end = data.indexOf(LF, at)) {
      onLine(data.subarray(at, end > at && data[end - 1] === CR ? end - 1 : end));
      at = end + 1;
    }
    return at;
  });
}

function markerLoop(marker: Buffer): (onFrame: (frame: Buffer) => void) => Push {
  return (onFrame) =>
    keepingRest((data) => {
      let at = 0;
      for (let end = data.indexOf(marker); end !== -1; end = data.indexOf(marker, at)) {
        onFrame(data.subarray(at, end));
        at = end + marker.length;
      }
      return at;
    });
}

const FLAG = 0x7e;
const ESCAPE = 0x7d;

/** JT/T 808 by hand: each frame between two flags is unescaped into a Buffer of its own. */
function unescapeLoop(onFrame: (frame: Buffer) => void): Push {
  return keepingRest((data) => {
    let at = 0;
    for (let end = data.indexOf(FLAG, 1); end !== -1; end = data.indexOf(FLAG, at + 1)) {
      if (end > at + 1) {
        const frame = Buffer.allocUnsafe(end - at - 1);
        let length = 0;
        for (let i = at + 1; i < end; i++) {
          const byte = data[i] ?? 0;
          frame[length++] = byte === ESCAPE ? (data[++i] === 1 ? ESCAPE : FLAG) : byte;
        }
        onFrame(frame.subarray(0, length));
        at = end + 1;
      } else {
        at = end;
      }
    }
    return at;
  });
}

/** COBS by hand: the blocks of a frame are joined in a Buffer of its own. */
function cobsLoop(onFrame: (frame: Buffer) => void): Push {
  return keepingRest((data) => {
    let at = 0;
    for (let end = data.indexOf(0); end !== -1; end = data.indexOf(0, at)) {
      const frame = Buffer.allocUnsafe(end - at);
      let length = 0;
      for (let i = at; i < end;) {
        const code = data[i++] ?? 0;
        for (let left = code - 1; left > 0; left--) {
          frame[length++] = data[i++] ?? 0;
        }
        if (code < 255 && i < end) {
          frame[length++] = 0;
        }
      }
      onFrame(frame.subarray(0, length));
      at = end + 1;
    }
    return at;
  });
}

const TAKE = 'push/take';

interface Case {
  readonly title: string;
  readonly codec: FrameCodec;
  readonly payload: Uint8Array;
  readonly hand: string;
  readonly loop: (onFrame: (frame: Buffer) => void) => Push;
  readonly atLeast: number;
}

function contest({ title, codec, payload, hand, loop, atLeast }: Case): Contest {
  const make = (): Input => inputOf(Buffer.concat(codec.encode(payload)));
  const contenders: Record<string, Contender> = {
    [hand]: passes(make, byHand(loop)),
    [TAKE]: passes(make, taking(codec)),
    scan: passes(make, scanning(codec)),
  };
  const targets = [TAKE, 'scan'].map((name) => ({ name, atLeast }));
  return { title, unit: 'M frames/s', reference: hand, contenders, targets };
}

/** A payload of `length` letters. At every `step`-th place it has the next byte of `pattern` instead. */
function payloadOf(length: number, step = 0, pattern: readonly number[] = []): Uint8Array {
  return Uint8Array.from({ length }, (_, i) =>
    step > 0 && i % step === step - 1 ? (pattern[Math.floor(i / step) % pattern.length] ?? 0) : 97,
  );
}

const INDEX_OF = 'indexOf by hand';
const UNESCAPE = 'unescaped by hand';
const flags = { start: '7e', end: '7e', escape: jt808 } as const;
const ESCAPED = [FLAG, ESCAPE];

await hold(import.meta.url, [
  ...[16, 64, 1024].map((length) =>
    contest({
      title: `lines of ${length} B`,
      codec: lines({ newline: 'crlf' }),
      payload: payloadOf(length),
      hand: INDEX_OF,
      loop: lineLoop,
      atLeast: 1,
    }),
  ),
  ...[64, 1024].map((length) =>
    contest({
      title: `a marker of 2 B after ${length} B`,
      codec: delimited({ end: '0d 0a' }),
      payload: payloadOf(length),
      hand: INDEX_OF,
      loop: markerLoop(Buffer.from('\r\n')),
      atLeast: 1,
    }),
  ),
  ...[64, 1024].map((length) =>
    contest({
      title: `${length} B with an escape in 16`,
      codec: delimited(flags),
      payload: payloadOf(length, 16, ESCAPED),
      hand: UNESCAPE,
      loop: unescapeLoop,
      atLeast: 0.8,
    }),
  ),
  contest({
    title: '64 B without an escape in them',
    codec: delimited(flags),
    payload: payloadOf(64),
    hand: UNESCAPE,
    loop: unescapeLoop,
    atLeast: 0.8,
  }),
  contest({
    title: 'COBS, 64 B with a zero in 16',
    codec: cobs(),
    payload: payloadOf(64, 16, [0]),
    hand: 'blocks by hand',
    loop: cobsLoop,
    atLeast: 0.8,
  }),
  contest({
    title: 'fixedLength, 64 B',
    codec: fixedLength(64),
    payload: payloadOf(64),
    hand: 'subarray by hand',
    loop: (onFrame) =>
      keepingRest((data) => {
        let at = 0;
        for (; at + 64 <= data.length; at += 64) {
          onFrame(data.subarray(at, at + 64));
        }
        return at;
      }),
    atLeast: 1,
  }),
]);
