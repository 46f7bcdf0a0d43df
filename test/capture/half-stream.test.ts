// What happens to one direction: retransmissions, holes, overlaps, probes, wraps, cuts and endings.

import { describe, expect, test } from 'vitest';
import { Capture } from '../../src/capture/capture.ts';
import { utf8 } from '../support/bytes.ts';
import { capture, CLIENT, ethernet, ip, pcap, SERVER } from '../support/packets.ts';
import type { TcpFields } from '../support/packets.ts';
import { eventsOf, streamWords, wordsOf } from './follow.ts';

const SYN = { sequence: 99, flags: 'S' };

/** A packet of the client with a payload. */
function says(sequence: number, text: string, flags = 'A'): TcpFields {
  return { sequence, flags, payload: utf8(text), acknowledged: 500 };
}

/** A packet of the server that acknowledges. */
function hears(acknowledged: number, flags = 'A', sequence = 500): TcpFields {
  return { from: SERVER, to: CLIENT, sequence, acknowledged, flags };
}

function ends(...packets: readonly TcpFields[]): readonly string[] {
  const events = eventsOf(capture(...packets));
  return wordsOf(events.filter(({ kind }) => kind === 'end'));
}

describe('a direction', () => {
  test('delivers what is in order', () => {
    expect(streamWords(capture(SYN, says(100, 'ab'), says(102, 'c')))).toEqual([
      '0 a>b 0 6162',
      '0 a>b 2 63',
    ]);
  });

  test('drops what is sent again, whole or in part', () => {
    const words = streamWords(
      capture(SYN, says(100, 'abc'), says(100, 'abc'), says(101, 'bcd'), says(100, 'a')),
    );
    expect(words).toEqual(['0 a>b 0 616263', '0 a>b 3 64']);
  });

  test('puts what comes in another order back, with the time of each', () => {
    const packets = [SYN, says(102, 'cd'), says(104, 'e'), says(100, 'ab')];
    const file = pcap(packets.map((each, i) => ({ bytes: ethernet(ip(each)), time: i })));
    const events = eventsOf(file).filter(({ kind }) => kind === 'segment');
    expect(wordsOf(events)).toEqual(['0 a>b 0 6162', '0 a>b 2 6364', '0 a>b 4 65']);
    expect(events.map(({ time }) => time)).toEqual([3, 1, 2]);
  });

  test('keeps what waits when the memory of the file is used again', () => {
    const file = Buffer.from(capture(SYN, says(102, 'cd'), says(100, 'ab')));
    const said: string[] = [];
    const reader = new Capture((event) => {
      if (event.kind === 'segment') {
        said.push(String.fromCharCode(...event.bytes));
      }
    });
    const memory = Buffer.alloc(16);
    for (let at = 0; at < file.length; at += memory.length) {
      const length = file.copy(memory, 0, at);
      reader.push(memory.subarray(0, length));
    }
    expect(said).toEqual(['ab', 'cd']);
  });

  test('has a gap where the receiver has more than the capture', () => {
    const words = streamWords(capture(SYN, says(100, 'a'), says(104, 'e'), hears(105)));
    expect(words).toEqual(['0 a>b 0 61', '0 a>b gap 1+3 lost', '0 a>b 4 65']);
  });

  test('waits as long as the receiver waits', () => {
    const words = streamWords(
      capture(SYN, says(100, 'a'), says(104, 'e'), hears(101), hears(101), says(101, 'bcd')),
    );
    expect(words).toEqual(['0 a>b 0 61', '0 a>b 1 626364', '0 a>b 4 65']);
  });

  test('has a gap at the end of the capture, and where the receiver had more', () => {
    expect(streamWords(capture(SYN, says(102, 'c'), hears(100)))).toEqual([
      '0 a>b gap 0+2 lost',
      '0 a>b 2 63',
    ]);
    expect(streamWords(capture(SYN, says(100, 'a'), hears(109)))).toEqual([
      '0 a>b 0 61',
      '0 a>b gap 1+8 lost',
    ]);
  });

  test('has no gap for a FIN that was not captured', () => {
    expect(streamWords(capture(SYN, says(100, 'a'), hears(102)))).toEqual(['0 a>b 0 61']);
  });

  test('has no gap for a number that no window allows', () => {
    expect(streamWords(capture(SYN, says(100, 'a'), hears(2 ** 31)))).toEqual(['0 a>b 0 61']);
    expect(streamWords(capture(SYN, says(100, 'a'), hears(90_000, 'RA')))).toEqual(['0 a>b 0 61']);
  });

  test('takes the first of two that contradict, and says so', () => {
    const words = streamWords(capture(SYN, says(100, 'abcd'), says(101, 'bXd')));
    expect(words).toEqual(['0 a>b 0 61626364', '0 a>b conflict 2+2']);
  });

  test('takes the first of two that contradict while they wait', () => {
    const words = streamWords(
      capture(SYN, says(102, 'cd'), says(102, 'cX'), says(103, 'de'), says(100, 'ab')),
    );
    expect(words).toEqual(['0 a>b 0 6162', '0 a>b 2 6364', '0 a>b conflict 3+1', '0 a>b 4 65']);
  });

  test('takes the one that begins first of two that contradict behind a hole', () => {
    const words = streamWords(capture(SYN, says(104, 'EFGH'), says(102, 'cdef'), says(100, 'ab')));
    expect(words).toEqual([
      '0 a>b 0 6162',
      '0 a>b 2 63646566',
      '0 a>b conflict 4+2',
      '0 a>b 6 4748',
    ]);
  });

  test('takes no probe for data or for a conflict', () => {
    const words = streamWords(capture(SYN, says(100, 'abc'), says(102, '\0'), says(103, 'd')));
    expect(words).toEqual(['0 a>b 0 616263', '0 a>b 3 64']);
  });

  test('that begins with an empty probe has no gap', () => {
    const words = streamWords(capture({ sequence: 99 }, hears(100), says(100, 'a'), hears(101)));
    expect(words).toEqual(['0 a>b 0 61']);
  });

  test('goes on where sequence numbers wrap', () => {
    const start = 2 ** 32 - 2;
    const words = streamWords(
      capture(
        { sequence: start - 1, flags: 'S' },
        says(2, 'efg'),
        says(start, 'abcd'),
        says(5, 'h'),
        hears(6),
      ),
    );
    expect(words).toEqual(['0 a>b 0 61626364', '0 a>b 4 656667', '0 a>b 7 68']);
  });

  test('has a gap where a snaplen cut the packet', () => {
    const whole = ethernet(ip(says(100, 'abcdef')));
    const file = pcap([
      { bytes: ethernet(ip(SYN)) },
      { bytes: whole.subarray(0, whole.length - 4), length: whole.length },
      { bytes: ethernet(ip(says(106, 'g'))) },
    ]);
    expect(streamWords(file)).toEqual(['0 a>b 0 6162', '0 a>b gap 2+4 cut', '0 a>b 6 67']);
  });

  test('counts bytes that come with a SYN', () => {
    const words = streamWords(capture({ ...says(99, 'ab', 'S') }, says(100, 'abc')));
    expect(words).toEqual(['0 a>b 0 6162', '0 a>b 2 63']);
  });

  test('that starts in the middle starts with its first packet', () => {
    const [open, said] = eventsOf(capture(says(7000, 'x')));
    expect(open).toMatchObject({ conversation: { isMidStream: true } });
    expect(said).toMatchObject({ kind: 'segment', offset: 0 });
  });

  test('ends with its FIN, once everything in front of it is there', () => {
    expect(ends(SYN, says(101, 'b', 'FA'), says(100, 'a'), hears(103))).toEqual([
      '0 a>b end fin',
      '0 b>a end open',
    ]);
    expect(streamWords(capture(SYN, says(100, 'a', 'FA'), says(101, 'beyond')))).toEqual([
      '0 a>b 0 61',
    ]);
  });

  test('does not start with a reset', () => {
    const refused = hears(100, 'RA', 0);
    const accepted = hears(100, 'SA', 7_000_000);
    const answer = { ...hears(100, 'A', 7_000_001), payload: utf8('x') };
    expect(streamWords(capture(SYN, refused, SYN, accepted, answer))).toEqual(['0 b>a 0 78']);
  });

  test('ends with a reset, whose text is no data', () => {
    const reset = { ...hears(101, 'RA'), payload: utf8('go away') };
    expect(ends(SYN, says(100, 'a'), reset)).toEqual(['0 a>b end reset', '0 b>a end reset']);
    expect(streamWords(capture(SYN, says(100, 'a'), reset))).toEqual(['0 a>b 0 61']);
  });
});
