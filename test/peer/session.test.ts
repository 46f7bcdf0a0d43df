// What two sessions say to each other, step by step, where the order of the steps matters.

import { describe, expect, test } from 'vitest';
import { RecordedPair, sessionOptions } from '../support/session-pair.ts';
import type { Call } from '../support/session-pair.ts';
import { utf8 } from '../support/bytes.ts';

const NONE = utf8('');

/** Two sessions past their hellos; each side takes two of everything. */
function pair(): RecordedPair {
  const both = new RecordedPair();
  both.settle();
  both.heardBy(0);
  both.heardBy(1);
  return both;
}

function kinds(calls: readonly Call[]): unknown[] {
  return calls.map(([kind]) => kind);
}

test('credits for channels that this side opened are no flood of the remote', () => {
  const COUNT = 2000;
  const wide = sessionOptions({ maxChannels: COUNT, maxPendingHeaderLength: 100 * COUNT });
  const both = new RecordedPair(sessionOptions(), wide);
  both.settle();
  const ids = Array.from({ length: COUNT }, () =>
    both.left.open('download', undefined, () => undefined),
  );
  both.settle();
  for (const id of ids) {
    both.right.write(-id, [utf8('0123456789abcdef')], () => undefined);
  }
  // The application reads all of it before this side sends a credit.
  both.ends[1].pump();
  both.ends[0].hear(both.ends[1].take(), 0, () => {
    for (const [kind, id] of both.heardBy(0)) {
      if (kind === 'bytes') {
        both.left.consumed(Number(id), 16);
      }
    }
  });
  both.settle();
  expect(kinds(both.heardBy(1)).filter((kind) => kind === 'open')).toHaveLength(COUNT);
});

describe('a request that its requester gives up', () => {
  test('is never sent when it waited for the hello, and the next one is', () => {
    const both = new RecordedPair();
    both.left.request('a', undefined, NONE);
    both.left.request('b', undefined, NONE);
    both.left.giveUp(1);
    both.settle();
    expect(both.heardBy(1)).toEqual([['hello'], ['request', 2, 'b', null, '']]);
  });

  test('is never sent when it stood in line behind other messages: it was said to be unsent', () => {
    const both = pair();
    both.left.notify('first', undefined, { body: NONE });
    both.left.request('a', undefined, NONE);
    expect(both.left.wasSent(1)).toBe(false);
    both.left.giveUp(1);
    both.settle();
    expect(both.heardBy(1)).toEqual([['event', 'first', null, '']]);
    for (const name of ['b', 'c']) {
      both.left.request(name, undefined, NONE);
    }
    both.settle();
    expect(kinds(both.heardBy(1))).toEqual(['request', 'request']);
  });

  test('is cancelled over there when it was sent, and its place stays taken until the answer', () => {
    const both = pair();
    for (const name of ['a', 'b', 'c']) {
      both.left.request(name, undefined, NONE);
    }
    both.settle();
    expect(both.left.wasSent(1)).toBe(true);
    expect(both.left.wasSent(3)).toBe(false);
    both.left.giveUp(1);
    both.settle();
    expect(kinds(both.heardBy(1))).toEqual(['request', 'request', 'cancel']);
    both.right.answer(1, { result: 'late', body: NONE });
    both.settle();
    expect(both.heardBy(0)).toEqual([]);
    expect(both.heardBy(1)).toEqual([['request', 3, 'c', null, '']]);
  });
});

describe('a channel that is reset', () => {
  test('makes room over there before the next one is opened', () => {
    const both = pair();
    for (const name of ['a', 'b', 'c']) {
      both.left.open(name, undefined);
    }
    both.settle();
    expect(kinds(both.heardBy(1))).toEqual(['open', 'open']);
    both.left.reset(1, 'enough');
    both.settle();
    expect(both.heardBy(1)).toEqual([
      ['reset', -1, 'enough'],
      ['open', -3, 'c', null],
    ]);
    expect(both.heardBy(0)).toEqual([]);
  });

  test('is never sent when it waited for the hello, and the next one is', () => {
    const both = new RecordedPair();
    both.left.open('a', undefined);
    both.left.open('b', undefined);
    both.left.reset(1);
    both.settle();
    expect(both.heardBy(1)).toEqual([['hello'], ['open', -2, 'b', null]]);
  });

  test('frees no room that it never took', () => {
    const both = pair();
    for (const name of ['a', 'b', 'c']) {
      both.left.open(name, undefined);
    }
    both.settle();
    both.left.reset(3);
    both.left.open('d', undefined);
    both.settle();
    expect(both.heardBy(1)).toHaveLength(2);
    expect(both.heardBy(0)).toEqual([]);
  });

  test('from both sides at once is heard by neither', () => {
    const both = pair();
    both.left.open('a', undefined);
    both.settle();
    both.heardBy(1);
    both.left.reset(1);
    both.right.reset(-1);
    both.settle();
    expect([both.heardBy(0), both.heardBy(1)]).toEqual([[], []]);
  });
});

test('a side that takes little sends as much as the other takes', () => {
  const both = new RecordedPair(
    sessionOptions({ maxBodyLength: 4096 }),
    sessionOptions({ maxBodyLength: 5000, window: 20_000 }),
  );
  both.settle();
  both.heardBy(1);
  both.left.open('a', undefined);
  both.left.write(1, [utf8('x'.repeat(5002))], () => undefined);
  both.left.notify('b', undefined, { body: utf8('y'.repeat(5000)) });
  both.settle();
  expect(both.heardBy(1).slice(1)).toEqual([
    ['event', 'b', null, 'y'.repeat(5000)],
    ['bytes', -1, 'x'.repeat(5000)],
    ['bytes', -1, 'xx'],
  ]);
  expect(() => both.left.notify('c', undefined, { body: utf8('z'.repeat(5001)) })).toThrow(
    expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE', limit: 5000 }),
  );
});

test('what was said before the hello keeps to the limits of the other side, whatever they are', () => {
  const both = new RecordedPair(sessionOptions({ maxBodyLength: 5000 }), sessionOptions());
  const long = 'x'.repeat(5000);
  const refused: string[] = [];
  const onRefused = ({ code }: { code: string }): void => void refused.push(code);
  both.left.request('a', undefined, utf8(long));
  both.left.request('b', long, NONE);
  both.left.request('c', undefined, NONE);
  both.left.open('a', long);
  both.left.open('b', undefined);
  both.left.notify('a', undefined, { body: utf8(long), onRefused });
  both.left.notify('b', undefined, { body: NONE, onRefused });
  both.settle();
  expect(refused).toEqual(['ERR_FRAME_UNENCODABLE']);
  expect(both.heardBy(0).filter(([kind]) => kind === 'unsent')).toEqual([
    ['unsent', 'request', 1, 'ERR_FRAME_UNENCODABLE'],
    ['unsent', 'request', 2, 'ERR_FRAME_UNENCODABLE'],
    ['unsent', 'channel', 1, 'ERR_FRAME_UNENCODABLE'],
  ]);
  expect(both.heardBy(1)).toEqual([
    ['hello'],
    ['event', 'b', null, ''],
    ['request', 3, 'c', null, ''],
    ['open', -2, 'b', null],
  ]);
});

test('a second answer to a request is dropped', () => {
  const both = pair();
  both.left.request('a', undefined, NONE);
  both.settle();
  for (const result of [1, 2]) {
    both.right.answer(1, { result, body: NONE });
  }
  both.settle();
  expect(both.heardBy(0)).toEqual([['answer', 1, [1, '']]]);
});

describe('a session that closes', () => {
  test('first sends what waited for room, then its close', () => {
    const both = pair();
    for (const name of ['a', 'b', 'c']) {
      both.left.request(name, undefined, NONE);
    }
    both.left.close();
    both.settle();
    expect(kinds(both.heardBy(1))).toEqual(['request', 'request']);
    for (const id of [1, 2]) {
      both.right.answer(id, { result: id, body: NONE });
    }
    both.settle();
    expect(kinds(both.heardBy(1))).toEqual(['request']);
    expect(both.left.isFinished || both.right.isFinished).toBe(false);
    both.right.answer(3, { result: 3, body: NONE });
    both.settle();
    expect(both.left.isFinished && both.right.isFinished).toBe(true);
  });

  test.each(['request', 'channel'])(
    'says so when the last %s that waited for room is given up',
    (what) => {
      const both = pair();
      for (const name of ['a', 'b', 'c']) {
        if (what === 'request') {
          both.left.request(name, undefined, NONE);
        } else {
          both.left.open(name, undefined);
        }
      }
      both.settle();
      both.left.close();
      both.settle();
      if (what === 'request') {
        both.left.giveUp(3);
      } else {
        both.left.reset(3);
      }
      expect(both.ends[0].pump().map(({ header }) => header['kind'])).toEqual(['close']);
      both.settle();
      expect(() => both.right.open('y', undefined)).toThrow(
        expect.objectContaining({ code: 'ERR_CONNECTION_CLOSED' }),
      );
    },
  );

  test('is not finished while its last message waits to be sent', () => {
    const both = pair();
    both.left.request('a', undefined, NONE);
    both.left.close();
    both.settle();
    both.right.answer(1, { result: 1, body: NONE });
    expect(both.right.isFinished).toBe(false);
    expect(both.ends[1].pump()).toHaveLength(1);
    expect(both.right.isFinished).toBe(true);
    expect(both.left.isOver).toBe(false);
    both.settle();
    expect(both.left.isFinished).toBe(true);
  });

  test('has a last reset out before it is finished', () => {
    const both = pair();
    both.left.open('a', undefined);
    both.left.close();
    both.settle();
    both.right.reset(-1);
    expect(both.right.isOver).toBe(true);
    expect(both.right.isFinished).toBe(false);
    both.settle();
    expect(both.left.isFinished && both.right.isFinished).toBe(true);
  });

  test('tells the other which of its requests and channels will never be sent', () => {
    const both = pair();
    for (const name of ['a', 'b', 'c', 'd']) {
      both.left.request(name, undefined, NONE);
      both.left.open(name, undefined);
    }
    both.right.close();
    both.settle();
    expect(both.heardBy(0)).toEqual([
      ['unsent', 'request', 3, 'ERR_CONNECTION_CLOSED'],
      ['unsent', 'request', 4, 'ERR_CONNECTION_CLOSED'],
      ['unsent', 'channel', 3, 'ERR_CONNECTION_CLOSED'],
      ['unsent', 'channel', 4, 'ERR_CONNECTION_CLOSED'],
    ]);
    expect(() => both.left.request('e', undefined, NONE)).toThrow(
      expect.objectContaining({ code: 'ERR_CONNECTION_CLOSED', sent: false }),
    );
  });

  test('at the same time as the other ends both', () => {
    const both = new RecordedPair(sessionOptions());
    both.left.close();
    both.right.close();
    both.settle();
    expect(both.left.isFinished && both.right.isFinished).toBe(true);
  });
});
