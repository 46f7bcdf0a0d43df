// Which packets belong to one conversation, and who connected.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../support/bytes.ts';
import { capture, CLIENT, SERVER } from '../support/packets.ts';
import type { TcpFields } from '../support/packets.ts';
import { eventsOf, streamWords, wordsOf } from './follow.ts';

function names(...packets: readonly TcpFields[]): readonly string[] {
  return wordsOf(eventsOf(capture(...packets)).filter(({ kind }) => kind === 'open'));
}

const back = { from: SERVER, to: CLIENT };

/** A packet of a client with this port. */
function from(port: number): TcpFields {
  return { from: `10.0.0.1:${port}`, sequence: 10, payload: utf8('x') };
}

describe('a conversation', () => {
  test('is named after the one who connected', () => {
    const expected = ['0 10.0.0.1:40000>10.0.0.2:9000'];
    expect(names({ sequence: 1, flags: 'S' })).toEqual(expected);
    expect(names({ ...back, sequence: 1, flags: 'SA' })).toEqual(expected);
    expect(names({ ...back, sequence: 1 })).toEqual(expected);
    expect(names({ from: '[fd00::1:0:0:9]:5', to: '[::]:4', sequence: 1 })).toEqual([
      '0 [fd00::1:0:0:9]:5>[::]:4',
    ]);
  });

  test('has two directions', () => {
    const words = streamWords(
      capture(
        { sequence: 1, flags: 'S' },
        { ...back, sequence: 70, acknowledged: 2, flags: 'SA' },
        { sequence: 2, acknowledged: 71, payload: utf8('a') },
        { ...back, sequence: 71, acknowledged: 3, payload: utf8('b') },
      ),
    );
    expect(words).toEqual(['0 a>b 0 61', '0 b>a 0 62']);
  });

  test('ends where its ports are used again, and not where its SYN is sent again', () => {
    const first = [
      { sequence: 1, flags: 'S' },
      { sequence: 1, flags: 'S' },
      { sequence: 2, payload: utf8('a') },
    ];
    const words = wordsOf(
      eventsOf(
        capture(...first, { sequence: 9000, flags: 'S' }, { sequence: 9001, payload: utf8('b') }),
      ),
    );
    expect(words).toEqual([
      '0 10.0.0.1:40000>10.0.0.2:9000',
      '0 a>b 0 61',
      '0 a>b end open',
      '0 b>a end open',
      '1 10.0.0.1:40000>10.0.0.2:9000',
      '1 a>b 0 62',
      '1 a>b end open',
      '1 b>a end open',
    ]);
  });

  test('may have two answers to one SYN, of which the client says which counts', () => {
    const answer = { ...back, acknowledged: 2, flags: 'SA' };
    const packets = (acknowledged: number): TcpFields[] => [
      { sequence: 1, flags: 'S' },
      { ...answer, sequence: 70 },
      { ...answer, sequence: 9_000_000 },
      { sequence: 2, acknowledged, payload: utf8('a') },
      { ...back, sequence: acknowledged, acknowledged: 3, payload: utf8('b') },
    ];
    for (const acknowledged of [71, 9_000_001]) {
      expect(streamWords(capture(...packets(acknowledged)))).toEqual(['0 a>b 0 61', '0 b>a 0 62']);
    }
  });

  test('gives way when there are too many, the one that was silent for longest first', () => {
    const events = eventsOf(
      capture(from(40_001), from(40_002), from(40_001), from(40_003)),
      undefined,
      { maxConversations: 2, maxWaiting: 1000 },
    );
    const [ended] = events.filter(({ kind }) => kind === 'end');
    expect(ended?.conversation.clientPort).toBe(40_002);
  });

  test('does not wait behind a hole for ever', () => {
    const packets = Array.from({ length: 20 }, (_, i) => ({
      sequence: 200 + 100 * i,
      payload: new Uint8Array(100),
    }));
    const events = eventsOf(capture({ sequence: 99, flags: 'S' }, ...packets), undefined, {
      maxConversations: 2,
      maxWaiting: 4000,
    });
    const gap = events.findIndex(({ kind }) => kind === 'gap');
    expect(events[gap]).toMatchObject({ offset: 0, length: 100, why: 'lost' });
    expect(events.length).toBeGreaterThan(15);
  });
});
