// Who is to blame for an error. An error that a listener or a callback of the caller throws is the caller's,
// and an error about the remote's bytes is the stream's. The tests cover decodeStream of node and of the web.

import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';

import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeStream, encodeStream, lengthPrefixed } from '../../src/entries/main.ts';
import type { Decoder } from '../../src/entries/main.ts';
import * as web from '../../src/stream/web-streams.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { rejection, settled, turns, until } from '../support/waiting.ts';

const codec = lengthPrefixed();
const small = lengthPrefixed({ maxPayloadLength: 3 });
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

/** Collects what is published on a diagnostics channel until the test is over. */
function published(name: string): unknown[] {
  const seen: unknown[] = [];
  const listener = (message: unknown): number => seen.push(message);
  channel(name).subscribe(listener);
  onTestFinished(() => {
    channel(name).unsubscribe(listener);
  });
  return seen;
}

/** Collects errors that no code has caught, and so keeps them from ending the process. */
function uncaught(): unknown[] {
  const seen: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const listener = (error: unknown): number => seen.push(error);
  process.on('uncaughtException', listener);
  onTestFinished(() => {
    process.off('uncaughtException', listener);
    for (const other of others) {
      process.on('uncaughtException', other);
    }
  });
  return seen;
}

describe('what a listener of decodeStream throws', () => {
  const bug = new TypeError('a bug of the application');

  test.each([
    ["'data', before bytes come", 'data', false],
    ["'data', while a value waits", 'data', true],
    ["'readable', before bytes come", 'readable', false],
    ["'end'", 'end', false],
  ])('%s: is uncaught, and no error of the stream', async (_, event, isLate) => {
    const errors: unknown[] = [];
    const reports = published('unstick:error');
    const seen = uncaught();
    const stream = decodeStream(codec).on('error', (error) => errors.push(error));
    const listen = (): void => {
      stream.on(event, () => {
        throw bug;
      });
      if (event === 'end') {
        stream.resume();
      }
    };
    if (!isLate) {
      listen();
    }
    // Write instead of piping: the pipe of Node 24 catches what `write` throws, and destroys the stream with
    // it.
    setImmediate(() => stream.end(frame('a')));
    if (isLate) {
      await until(() => stream.readableLength > 0, 'a value waits');
      listen();
    }
    await until(() => seen.length > 0, 'the bug is reported');
    await turns(5);
    expect(seen[0]).toBe(bug);
    expect(errors).toEqual([]);
    expect(reports).toEqual([]);
  });

  test('a listener that reads, pauses or writes loses and repeats nothing', async () => {
    const stream = decodeStream(codec);
    const seen: string[] = [];
    stream.on('data', (value: Uint8Array) => {
      seen.push(String(value));
      if (seen.length === 1) {
        stream.write(join(['d', 'e'].map(frame)));
      }
      if (seen.length === 2) {
        stream.pause();
        setImmediate(() => stream.resume());
      }
      if (seen.length === 3) {
        stream.read();
      }
    });
    stream.write(join(['a', 'b', 'c'].map(frame)));
    stream.write(frame('f'));
    await until(() => seen.length === 6, 'all of them came');
    await turns(5);
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

describe('what onSkip throws', () => {
  const bytes = join(['a', 'too large', 'b'].map(frame));

  test('fails decodeStream after the value before it, and is not published as an error', async () => {
    const bug = new TypeError('a bug in onSkip');
    const reports = published('unstick:error');
    const stream = decodeStream(small, {
      onSkip: () => {
        throw bug;
      },
    });
    stream.end(bytes);
    const seen: string[] = [];
    const looped = (async () => {
      for await (const value of stream) {
        seen.push(String(value));
      }
    })();
    expect(await rejection(looped)).toBe(bug);
    expect(seen).toEqual(['a']);
    expect(reports).toEqual([]);
  });

  test('fails both sides of the web pair', async () => {
    const bug = new TypeError('a bug in onSkip');
    const pair = web.decodeStream(small, {
      onSkip: () => {
        throw bug;
      },
    });
    const written = rejection(pair.writable.getWriter().write(bytes));
    const reader = pair.readable.getReader();
    expect((await reader.read()).value).toEqual(utf8('a'));
    expect(await rejection(reader.read())).toBe(bug);
    expect(await written).toBe(bug);
  });
});

test('onSkip runs in the async context in which decodeStream was called', async () => {
  const storage = new AsyncLocalStorage<string>();
  const contexts: unknown[] = [];
  const stream = storage.run('the caller', () =>
    decodeStream(small, { onSkip: () => contexts.push(storage.getStore()) }),
  );
  storage.run('a writer', () => {
    stream.write(join(['a', 'too large'].map(frame)));
    stream.write(frame('b'));
  });
  stream.end(frame('too large'));
  for await (const value of stream) {
    expect(String(value)).toMatch(/^[ab]$/);
  }
  expect(contexts).toEqual(['the caller', 'the caller']);
});

test('at most one value is decoded ahead of the reader', async () => {
  const frames = published('unstick:frame');
  const stream = decodeStream(codec);
  stream.write(join(['a', 'b', 'c', 'd'].map(frame)));
  for (const read of ['a', 'b', 'c']) {
    await settled(() => frames.length, 20);
    expect(frames.length).toBe(read.charCodeAt(0) - 'a'.charCodeAt(0) + 1);
    expect(String(stream.read())).toBe(read);
  }
});

test('a value null, which would end the stream, is refused', async () => {
  const decoder: Decoder<unknown> = Object.assign(codec.decoder(), { take: () => null });
  const stream = decodeStream({ decoder: () => decoder });
  stream.end(frame('a'));
  expect(await rejection(stream[Symbol.asyncIterator]().next())).toMatchObject({
    name: 'UsageError',
    code: 'ERR_OPTION',
  });
});

describe('nothing is read behind a refused chunk', () => {
  test('in decodeStream, and the value before it is', async () => {
    const stream = decodeStream(codec);
    stream.write(join([frame('a'), hex('00000004 4141')]));
    stream.write('AA');
    stream.write(join([hex('4242'), frame('b')]));
    const seen: string[] = [];
    const looped = (async () => {
      for await (const value of stream) {
        seen.push(String(value));
      }
    })();
    expect(await rejection(looped)).toMatchObject({ code: 'ERR_OPTION' });
    expect(seen).toEqual(['a']);
  });

  test('in the web pair', async () => {
    const { readable, writable } = web.decodeStream(codec);
    const writer = writable.getWriter();
    const chunks: readonly unknown[] = [
      join([frame('a'), hex('00000004 4141')]),
      'AA',
      hex('4242'),
    ];
    const written = chunks.map(async (chunk) => {
      // @ts-expect-error: what only a caller without types can do
      await writer.write(chunk);
    });
    const reader = readable.getReader();
    expect((await reader.read()).value).toEqual(utf8('a'));
    expect(await rejection(reader.read())).toMatchObject({ code: 'ERR_OPTION' });
    expect(await rejection(reader.read())).toMatchObject({ code: 'ERR_OPTION' });
    const states = (await Promise.allSettled(written)).map(({ status }) => status);
    expect(states).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});

describe('bytes of another realm are bytes', () => {
  const numbers = [...frame('abc')];
  const bytes: unknown = runInNewContext('Uint8Array.from(numbers)', { numbers });

  test.each<[string, unknown]>([
    ['a Uint8Array', bytes],
    ['an ArrayBuffer', runInNewContext('bytes.buffer', { bytes })],
  ])('in the web pair: %s', async (_, chunk) => {
    const { readable, writable } = web.decodeStream(codec);
    // @ts-expect-error: what comes out of another realm has no type here
    const written = writable.getWriter().write(chunk);
    const reader = readable.getReader();
    expect(String.fromCharCode(...((await reader.read()).value ?? []))).toBe('abc');
    const [cancelled] = await Promise.allSettled([reader.cancel(), written]);
    expect(cancelled?.status).toBe('fulfilled');
  });

  test('in decodeStream', async () => {
    const stream = decodeStream(codec);
    stream.write(bytes);
    expect(String((await stream[Symbol.asyncIterator]().next()).value)).toBe('abc');
  });

  test('as pieces of a codec, in encodeStream', async () => {
    const piece: unknown = bytes;
    // @ts-expect-error: the same
    const stream = encodeStream({ encode: () => [piece] });
    stream.end('value');
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(frame('abc')));
  });
});

describe('options of decodeStream', () => {
  const both = [
    ['node', decodeStream],
    ['web', web.decodeStream],
  ] as const;
  const wrong: readonly unknown[] = [
    { copi: true },
    { onskip: () => undefined },
    { copy: 'yes' },
    { copy: 1 },
    { onSkip: 5 },
    { onSkip: null },
    null,
    5,
    () => undefined,
  ];
  for (const [kind, make] of both) {
    test.each(wrong.map((options) => [options]))(`${kind}: %o is refused`, (options) => {
      expect(() => Reflect.apply(make, undefined, [codec, options])).toThrow(
        expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }),
      );
    });

    test(`${kind}: undefined is as if it were left out`, () => {
      expect(() => make(codec, undefined)).not.toThrow();
      expect(() => make(codec, { copy: undefined, onSkip: undefined })).not.toThrow();
    });

    test.each([[undefined], [null], [{}], ['codec']])(`${kind}: %o is no codec`, (value) => {
      expect(() => Reflect.apply(make, undefined, [value])).toThrow(
        expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }),
      );
    });
  }
});

describe('the web pair, whoever leaves first', () => {
  test('a reader that cancels in the middle of a chunk fails the write that waits', async () => {
    const { readable, writable } = web.decodeStream(codec);
    const writer = writable.getWriter();
    const written = rejection(writer.write(join(['a', 'b'].map(frame))));
    const reader = readable.getReader();
    await reader.read();
    await reader.cancel(new Error('enough'));
    expect(await written).toMatchObject({ message: 'enough' });
    expect(await rejection(writer.write(frame('c')))).toMatchObject({ message: 'enough' });
  });

  test('a reader that waits is ended by its own cancel', async () => {
    const { readable, writable } = web.decodeStream(codec);
    const reader = readable.getReader();
    const reading = reader.read();
    await reader.cancel('bye');
    expect(await reading).toEqual({ done: true, value: undefined });
    expect(await rejection(writable.getWriter().write(frame('c')))).toBe('bye');
  });

  test('a reader that waits gets what the writer aborted with', async () => {
    const { readable, writable } = web.decodeStream(codec);
    const reading = rejection(readable.getReader().read());
    await writable.getWriter().abort(new Error('stop'));
    expect(await reading).toMatchObject({ message: 'stop' });
  });

  test('a copy that cannot be made fails both sides', async () => {
    const unreadable = {
      get bytes(): Uint8Array {
        throw new Error('no bytes here');
      },
    };
    const decoder: Decoder<unknown> = Object.assign(codec.decoder(), { take: () => unreadable });
    const { readable, writable } = web.decodeStream({ decoder: () => decoder }, { copy: true });
    const written = rejection(writable.getWriter().write(frame('a')));
    expect(await rejection(readable.getReader().read())).toMatchObject({
      message: 'no bytes here',
    });
    expect(await written).toMatchObject({ message: 'no bytes here' });
  });
});
