// Broken decoders of u32be frames. The first line of each names the step that it does wrong.

import { samplesOf, PAYLOADS, u32be } from './wire.ts';
import type { BrokenStranger } from './wire.ts';

type Push = (chunk: Buffer) => Buffer[];

/** Makes a decoder of u32be frames with one step replaced. */
function framesBy(
  take: (rest: Buffer, end: number) => Buffer,
  check: (rest: Buffer, length: number) => void = () => undefined,
): Push {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const frames: Buffer[] = [];
    while (rest.length >= 4) {
      const end = 4 + rest.readUInt32BE(0);
      check(rest, end - 4);
      if (rest.length < end) {
        break;
      }
      frames.push(take(rest, end));
      rest = rest.subarray(end);
    }
    return frames;
  };
}

/** Gives views of a buffer that the next frame overwrites. */
function reusedBuffer(): Push {
  const shared = Buffer.alloc(64);
  return framesBy((rest, end) => {
    rest.copy(shared, 0, 4, end);
    return shared.subarray(0, end - 4);
  });
}

/** Compares its limit with all bytes that have come, and not with the frame. */
function limitOfBuffer(): Push {
  return framesBy(
    (rest, end) => rest.subarray(4, end),
    (rest) => {
      if (rest.length > 16_384) {
        throw new Error('The frame is too long');
      }
    },
  );
}

/** Calls itself for the rest of the chunk. */
function recursive(emit: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  const next = (): void => {
    if (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      emit(rest.subarray(4, end));
      rest = rest.subarray(end);
      [rest].forEach(() => next());
    }
  };
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    next();
  };
}

/** Keeps delivered bytes for as long as a rest is there, as packet-reader does. */
function keepsDelivered(): Push {
  let held: Buffer = Buffer.alloc(0);
  let start = 0;
  let stop = 0;
  return (chunk) => {
    if (start === stop) {
      [held, start, stop] = [chunk, 0, chunk.length];
    } else {
      if (stop + chunk.length > held.length) {
        held = Buffer.concat([held, Buffer.alloc(held.length + chunk.length)]);
      }
      chunk.copy(held, stop);
      stop += chunk.length;
    }
    const frames: Buffer[] = [];
    while (stop - start >= 4 && stop - start >= 4 + held.readUInt32BE(start)) {
      const end = start + 4 + held.readUInt32BE(start);
      frames.push(held.subarray(start + 4, end));
      start = end;
    }
    return frames;
  };
}

/** Gives a frame only when the next frame begins. */
async function* oneBehind(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const push = framesBy((rest, end) => rest.subarray(4, end));
  let last: Buffer | undefined;
  for await (const chunk of chunks) {
    for (const frame of push(chunk)) {
      if (last !== undefined) {
        yield last;
      }
      last = frame;
    }
  }
  if (last !== undefined) {
    yield last;
  }
}

/** Allocates the length that the prefix declares, before any of those bytes has come. */
function allocatesDeclared(): Push {
  let frame: Buffer | undefined;
  let prefix = Buffer.alloc(0);
  let filled = 0;
  return (chunk) => {
    const frames: Buffer[] = [];
    for (const byte of chunk) {
      if (frame === undefined) {
        prefix = Buffer.concat([prefix, Buffer.of(byte)]);
        if (prefix.length < 4) {
          continue;
        }
        const length = prefix.readUInt32BE(0);
        if (length > 2 ** 24) {
          throw new Error('The frame is too long');
        }
        frame = Buffer.alloc(length);
        [prefix, filled] = [Buffer.alloc(0), 0];
      } else {
        frame[filled++] = byte;
      }
      if (filled === frame.length) {
        frames.push(frame);
        frame = undefined;
      }
    }
    return frames;
  };
}

const options = { samples: samplesOf(PAYLOADS, u32be) };

export const brokenFrames: readonly BrokenStranger[] = [
  {
    name: 'gives views of one buffer',
    foundBy: 'conservation',
    target: { push: reusedBuffer },
    options,
  },
  {
    name: 'holds its limit against all that has come',
    foundBy: 'conservation',
    target: { push: limitOfBuffer },
    options,
  },
  {
    name: 'calls itself for each frame of a chunk',
    foundBy: 'conservation',
    target: { push: recursive },
    options: {
      samples: samplesOf(
        ['one', 'two', 'four'].map((text) => Buffer.from(text)),
        u32be,
      ),
    },
  },
  {
    name: 'keeps what it has delivered',
    foundBy: 'bounded-memory',
    target: { push: keepsDelivered },
    options,
  },
  {
    name: 'gives a frame when the next one comes',
    foundBy: 'conservation',
    target: { iterable: oneBehind },
    options,
  },
  {
    name: 'allocates what a prefix declares',
    foundBy: 'bounded-memory',
    target: { push: allocatesDeclared },
    options,
  },
];
