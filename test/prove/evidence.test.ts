// The rules of a verdict that need no clock. They are tested on recorded answers, without a server.

import { describe, expect, test } from 'vitest';
import { difference, wayOf } from '../../src/prove/evidence/answers.ts';
import type { AnswerEnd, Answered } from '../../src/prove/evidence/answers.ts';
import {
  isBound,
  isRefusal,
  judgePipelining,
  varying,
} from '../../src/prove/evidence/baselines.ts';
import { Confirmation, otherWrongAnswer } from '../../src/prove/evidence/confirmation.ts';
import type { RunSeen } from '../../src/prove/evidence/confirmation.ts';
import { Tally } from '../../src/prove/evidence/tally.ts';
import { warningsOf } from '../../src/prove/evidence/warnings.ts';

function answer(text: string, end: AnswerEnd = 'open'): Answered {
  return { bytes: new TextEncoder().encode(text), end };
}

const right = answer('olleh\n');

function run(seen: Answered): RunSeen {
  return { answer: seen, difference: difference(right, seen) };
}

describe('the way in which an answer is wrong', () => {
  test.each([
    ['nothing', answer('')],
    ['nothing, ended early', answer('', 'closed')],
    ['too short', answer('ol')],
    ['too short, ended early', answer('ol', 'reset')],
    ['ended early', answer('olleh\n', 'closed')],
    ['other bytes from 2', answer('ol??\n')],
    ['other bytes from 6', answer('olleh\nx')],
  ])('is %s', (way, seen) => {
    const found = difference(right, seen);
    expect(found && wayOf(found, seen)).toBe(way);
  });

  test('does not tell a reset from a FIN', () => {
    expect(difference(answer('a', 'closed'), answer('a', 'reset'))).toBeUndefined();
  });
});

function after(...runs: readonly Answered[]): Confirmation<RunSeen> {
  const confirmation = new Confirmation<RunSeen>();
  for (const seen of runs) {
    confirmation.add(run(seen));
  }
  return confirmation;
}

describe('a confirmation', () => {
  test('needs three runs that are wrong in the same way', () => {
    expect(after(answer('ol'), answer('ol')).standing).toBe('open');
    expect(after(answer('ol'), answer('ol'), answer('o')).standing).toBe('confirmed');
  });

  test('does not add up runs that are wrong in different ways', () => {
    const mixed = [answer('?lleh\n'), answer('o?leh\n'), answer('ol?eh\n'), answer('oll?h\n')];
    expect(after(...mixed).standing).toBe('open');
    expect(after(...mixed, ...mixed.slice(0, 3), ...mixed.slice(0, 3)).standing).toBe('confirmed');
    const ways = Array.from({ length: 10 }, (_, at) =>
      answer(at < 6 ? `${'olleh\n'.slice(0, at)}?` : ''),
    );
    expect(after(...ways.slice(0, 8)).standing).toBe('open');
  });

  test('gives up a failure that was a rare one', () => {
    expect(after(answer('ol'), right, right, right).standing).toBe('refuted');
    expect(after(right, right, right).standing).toBe('refuted');
  });

  test('goes on while a failure comes often, ten runs at most', () => {
    expect(after(answer('ol'), right, answer('ol'), right, right).standing).toBe('open');
    const seldom = [answer('ol'), answer('ol'), ...Array.from({ length: 8 }, () => right)];
    expect(after(...seldom).standing).toBe('refuted');
  });

  test('shows two wrong answers where they are not the same', () => {
    expect(otherWrongAnswer([run(answer('ol1')), run(answer('ol1')), run(answer('ol2'))])).toEqual(
      run(answer('ol2')),
    );
    expect(otherWrongAnswer([run(answer('ol1')), run(answer('ol1x'))])).toBeUndefined();
  });
});

describe('baselines', () => {
  test('are varying where two answers differ', () => {
    expect(varying([right, right, right])).toBeUndefined();
    expect(varying([answer('id=1'), answer('id=1'), answer('id=2')])).toMatchObject({ at: 3 });
  });

  test('tell a server that takes pipelined requests', () => {
    expect(judgePipelining(right, [right, right, right]).kind).toBe('supported');
  });

  test('tell one that answers pipelined requests in another way, always the same', () => {
    const refused = answer('no\n', 'closed');
    expect(judgePipelining(right, [refused, refused, refused])).toMatchObject({
      kind: 'refused',
      found: { one: right, other: refused, at: 0 },
    });
  });

  test('tell one whose pipelined answers change their order', () => {
    expect(judgePipelining(answer('ab'), [answer('ab'), answer('ba'), answer('ab')]).kind).toBe(
      'changing',
    );
  });
});

describe('a refusal of joined requests', () => {
  /** Three answers: of 1 byte, of 13 bytes, and a last one of 3 bytes. */
  const whole = { ...answer('N0123456789abcbye', 'closed'), lengths: [1, 14, 17] };

  test.each([
    ['without a word', 'short', 1, answer('N', 'closed')],
    ['with a last word', 'bytes', 1, answer('NE: unencrypted', 'closed')],
    ['with a word that begins like a later answer', 'bytes', 1, answer('Nbyebye', 'closed')],
    ['behind all the bytes', 'ended', 17, answer('N0123456789abcbye', 'closed')],
  ] as const)('ends the connection where an answer ends, %s', (_, kind, at, seen) => {
    expect(isRefusal({ difference: { kind, at }, answer: seen }, whole)).toBe(true);
  });

  test('is a connection that stays open where the whole requests ended in a reset', () => {
    const reset = { ...answer('S', 'reset'), lengths: [1, 1] };
    const seen = { difference: { kind: 'open', at: 1 }, answer: answer('S') } as const;
    expect(isRefusal(seen, reset)).toBe(true);
    expect(isRefusal(seen, { ...reset, end: 'closed' })).toBe(false);
  });

  test.each([
    ['an answer that is missing', 'short', 1, answer('N')],
    ['no answer at all', 'short', 0, answer('', 'closed')],
    ['a difference inside an answer', 'bytes', 5, answer('NAbcd?', 'closed')],
    ['an answer to a later request', 'bytes', 1, answer('Nbye', 'closed')],
    ['a connection that stays open', 'open', 17, answer('N0123456789abcbye')],
  ] as const)('is not %s', (_, kind, at, seen) => {
    expect(isRefusal({ difference: { kind, at }, answer: seen }, whole)).toBe(false);
  });
});

describe('the tally', () => {
  test('counts as evidence only what cut a request', () => {
    const tally = new Tally();
    tally.add('joined', []);
    tally.add('cuts', ['exact']);
    tally.add('pieces', ['exact', 'lost']);
    expect(tally.count).toBe(3);
    expect(tally.evidence).toEqual({ exact: 1, delayed: 0, lost: 1 });
  });

  test('has a line for what was tried and one for what was not, with the reason', () => {
    const tally = new Tally();
    tally.add('cuts', ['exact', 'delayed']);
    tally.skip('repeats', 'the server ends the connection');
    const table = tally.table((kind) => (kind === 'large' ? 'no request is that long' : undefined));
    expect(table.map(({ kind, schedules, because }) => [kind, schedules, because])).toEqual([
      ['cuts', 1, undefined],
      ['repeats', 0, 'the server ends the connection'],
      ['large', 0, 'no request is that long'],
    ]);
    expect(table[0]?.boundaries).toEqual({ exact: 1, delayed: 1, lost: 0 });
  });
});

describe('warnings', () => {
  const seen = { ...right, lengths: [6], sent: 1 };

  test('are silent where all was answered', () => {
    expect(warningsOf(seen)).toEqual([]);
  });

  test.each([
    [
      'ended before a request was sent',
      { ...seen, end: 'closed', lengths: [6, 6, 6], sent: 1 },
      'before request 2 of 3',
    ],
    [
      'ended without an answer to the last',
      { ...seen, end: 'closed', lengths: [6, 6], sent: 2 },
      'without an answer to request 2',
    ],
    [
      'looks like an error of HTTP',
      { ...seen, ...answer('HTTP/1.1 400 Bad Request\r\n') },
      'looks like an error',
    ],
    [
      'looks like an error of FTP',
      { ...seen, ...answer('500 OOPS: cannot locate user\r\n') },
      'looks like an error',
    ],
  ] as const)('say that the answer %s', (_, whole, says) => {
    expect(warningsOf(whole).join()).toContain(says);
  });
});

describe('a bound on what comes at once', () => {
  const whole = { ...answer('one!two!'), lengths: [4, 8] };

  test.each<[string, Answered, boolean]>([
    ['no answer and the end', answer('', 'reset'), true],
    ['a last word in place of the first answer', answer('one flood', 'closed'), true],
    ['nothing else than the first answer and the end', answer('one!', 'closed'), false],
    ['a wrong word without an end', answer('flood'), false],
  ])('judges %s', (_, seen, expected) => {
    const found = difference(whole, seen);
    expect(found && isBound({ difference: found, answer: seen }, whole)).toBe(expected);
  });
});
