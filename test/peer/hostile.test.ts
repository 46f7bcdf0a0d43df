// A remote that breaks the rules: each broken rule ends the session with a ProtocolError, and no remote makes
// this side hold more than its limits allow.

import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import {
  helloOf,
  placed,
  recorded,
  SessionEnd,
  sessionOptions,
  SMALL,
} from '../support/session-pair.ts';
import type { Call } from '../support/session-pair.ts';
import { lengthOf } from '../../src/codec/bytes.ts';
import { utf8 } from '../support/bytes.ts';

const NONE = utf8('');

/** Headers, or headers with bodies. */
type Said = readonly (JsonObject | readonly [JsonObject, string])[];

interface Victim extends SessionEnd {
  readonly calls: Call[];
}

/** A session that the remote speaks to by hand; its own request 1 and channel 1 are out. */
function victim(isGreeted = true): Victim {
  const calls: Call[] = [];
  const end = new SessionEnd(0, sessionOptions(), recorded(calls));
  if (isGreeted) {
    end.session.receive(placed({ ...helloOf() }));
    end.session.request('ours', undefined, NONE);
    end.session.open('ours', undefined);
    end.pump();
  }
  return Object.assign(end, { calls });
}

function say(end: SessionEnd, ...messages: Said): void {
  for (const said of messages) {
    end.session.receive(isPlain(said) ? placed(said) : placed(said[0], utf8(said[1])));
  }
}

function isPlain(said: Said[number]): said is JsonObject {
  return !Array.isArray(said);
}

const open = { kind: 'open', channel: 1, name: 'theirs' };
const bytes = (channel: number, text: string): readonly [JsonObject, string] => [
  { kind: 'bytes', channel },
  text,
];

const AFTER_HELLO: readonly (readonly [string, Said])[] = [
  ['a kind that nobody knows', [{ kind: 'shout' }]],
  ['a kind that every object has', [{ kind: 'constructor' }]],
  ['no kind', [{ id: 1 }]],
  ['a kind that is no text', [{ kind: ['close'] }]],
  ['a second hello', [{ ...helloOf() }]],
  ['a request without an id', [{ kind: 'request', name: 'x' }]],
  ['a request without a name', [{ kind: 'request', id: 1 }]],
  ['a request with the id 0', [{ kind: 'request', id: 0, name: 'x' }]],
  ['a request with half an id', [{ kind: 'request', id: 1.5, name: 'x' }]],
  ['a request with an id beyond 2^53-1', [{ kind: 'request', id: 2 ** 53, name: 'x' }]],
  ['a request with an id of text', [{ kind: 'request', id: '1', name: 'x' }]],
  [
    'a request whose id does not rise',
    [
      { kind: 'request', id: 2, name: 'x' },
      { kind: 'request', id: 2, name: 'x' },
    ],
  ],
  ['an answer to nothing', [{ kind: 'response', id: 2 }]],
  [
    'a second answer',
    [
      { kind: 'response', id: 1 },
      { kind: 'response', id: 1 },
    ],
  ],
  ['a failure without an error', [{ kind: 'failure', id: 1 }]],
  ['a failure without a code', [{ kind: 'failure', id: 1, error: { message: 'no' } }]],
  [
    'a failure whose code is no text',
    [{ kind: 'failure', id: 1, error: { code: 1, message: '' } }],
  ],
  ['a failure that is null', [{ kind: 'failure', id: 1, error: null }]],
  ['a failure with a body', [[{ kind: 'failure', id: 1, error: { code: '', message: '' } }, 'x']]],
  ['a cancel of nothing', [{ kind: 'cancel', id: 1 }]],
  ['an event without a name', [{ kind: 'event' }]],
  ['an open without a name', [{ kind: 'open', channel: 1 }]],
  ['an open with a negative channel', [{ ...open, channel: -1 }]],
  [
    'an open whose channel does not rise',
    [
      { ...open, channel: 3 },
      { ...open, channel: 2 },
    ],
  ],
  ['an open with a body', [[open, 'x']]],
  ['bytes for a channel that was never opened', [bytes(1, 'x')]],
  ['bytes for a channel of ours that was never opened', [bytes(-2, 'x')]],
  ['bytes for channel 0', [bytes(0, 'x')]],
  ['bytes without bytes', [open, bytes(1, '')]],
  ['bytes past the window', [open, bytes(1, 'x'.repeat(16)), bytes(1, 'x')]],
  ['bytes past the window in one message', [bytes(-1, 'x'.repeat(17))]],
  ['bytes after the end', [open, { kind: 'end', channel: 1 }, bytes(1, 'x')]],
  ['a second end', [open, { kind: 'end', channel: 1 }, { kind: 'end', channel: 1 }]],
  ['credit of 0', [{ kind: 'credit', channel: -1, credit: 0 }]],
  ['credit below 0', [{ kind: 'credit', channel: -1, credit: -5 }]],
  ['credit that is no number', [{ kind: 'credit', channel: -1, credit: '5' }]],
  ['credit beyond 2^48', [{ kind: 'credit', channel: -1, credit: 2 ** 48 }]],
  ['credit with a body', [[{ kind: 'credit', channel: -1, credit: 1 }, 'x']]],
  ['credit for a channel that was never opened', [{ kind: 'credit', channel: 1, credit: 1 }]],
  ['a reset of a channel that was never opened', [{ kind: 'reset', channel: 1 }]],
  ['a reset whose reason is no text', [{ kind: 'reset', channel: -1, reason: 7 }]],
  ['a pong to nothing', [{ kind: 'pong', id: 1 }]],
  ['a ping without an id', [{ kind: 'ping' }]],
  ['a ping with a body', [[{ kind: 'ping', id: 1 }, 'x']]],
  ['a close with a body', [[{ kind: 'close' }, 'x']]],
  ['a second close', [{ kind: 'close' }, { kind: 'close' }]],
  ['a request after the close', [{ kind: 'close' }, { kind: 'request', id: 1, name: 'x' }]],
  ['an event after the close', [{ kind: 'close' }, { kind: 'event', name: 'x' }]],
  ['an open after the close', [{ kind: 'close' }, open]],
];

const INSTEAD_OF_HELLO: readonly (readonly [string, string, Said])[] = [
  ['anything else', 'ERR_PEER_PROTOCOL', [{ kind: 'ping', id: 1 }]],
  ['a hello without a window', 'ERR_PEER_PROTOCOL', [{ ...helloOf(), window: null }]],
  ['a hello with the window 0', 'ERR_PEER_PROTOCOL', [{ ...helloOf(), window: 0 }]],
  ['a hello with a negative limit', 'ERR_PEER_PROTOCOL', [{ ...helloOf(), maxChannels: -1 }]],
  ['a hello with a body', 'ERR_PEER_PROTOCOL', [[{ ...helloOf() }, 'x']]],
  ['a hello of another version', 'ERR_PEER_VERSION', [{ kind: 'hello', version: 2 }]],
  ['a hello without a version', 'ERR_PEER_VERSION', [{ kind: 'hello' }]],
  ['a hello whose version is text', 'ERR_PEER_VERSION', [{ kind: 'hello', version: '1' }]],
];

describe('a session refuses', () => {
  test.each(AFTER_HELLO)('%s', (_, said) => {
    const end = victim();
    const last = said.at(-1);
    if (last === undefined) {
      throw new Error('nothing is said');
    }
    // All but the last is in order.
    say(end, ...said.slice(0, -1));
    expect(() => say(end, last)).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'ERR_PEER_PROTOCOL' }),
    );
  });

  test.each(INSTEAD_OF_HELLO)('instead of a hello %s: %s', (_, code, said) => {
    const end = victim(false);
    expect(() => say(end, ...said)).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code }),
    );
    expect(end.calls).toEqual([]);
  });

  test('messages for a channel that waits to be opened', () => {
    const end = victim();
    for (const name of ['b', 'c']) {
      end.session.open(name, undefined);
    }
    expect(() => say(end, { kind: 'reset', channel: -3 })).toThrow(ProtocolError);
  });

  test('with the place of the message, and says both versions', () => {
    const end = victim(false);
    const place = { byteOffset: 7, frameIndex: 3 };
    expect(() => end.session.receive({ ...placed({ kind: 'hello', version: 9 }), place })).toThrow(
      expect.objectContaining({ ...place, message: expect.stringMatching(/version 9.*version 1/) }),
    );
  });

  test('without repeating what was said beyond a few characters', () => {
    const end = victim();
    expect(() => say(end, { kind: 'secret'.repeat(1000) })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,300}$/) }),
    );
  });
});

describe('a session lets through', () => {
  test('keys that it does not know', () => {
    const end = victim();
    say(end, { kind: 'event', name: 'x', since: 'version 1.1', bodyLength: 0 });
    expect(end.calls.at(-1)).toEqual(['event', 'x', null, '']);
  });

  test('what comes for a channel that was closed', () => {
    const end = victim();
    end.session.reset(1);
    const heard = end.calls.length;
    say(
      end,
      bytes(-1, 'x'),
      { kind: 'credit', channel: -1, credit: 1 },
      { kind: 'end', channel: -1 },
    );
    say(end, { kind: 'reset', channel: -1 }, bytes(-1, 'x'));
    expect(end.calls).toHaveLength(heard);
  });

  test('an answer to a request that was given up, and a cancel of one that was answered', () => {
    const end = victim();
    end.session.giveUp(1);
    say(end, { kind: 'response', id: 1 }, { kind: 'request', id: 1, name: 'x' });
    end.session.answer(1, { result: null, body: NONE });
    end.pump();
    const heard = end.calls.length;
    say(end, { kind: 'cancel', id: 1 });
    expect(end.calls).toHaveLength(heard);
  });
});

describe('a remote that does not read', () => {
  const floods: Record<string, (end: SessionEnd, i: number) => void> = {
    pings: (end, i) => say(end, { kind: 'ping', id: i }),
    'requests beyond the limit': (end, i) => say(end, { kind: 'request', id: i, name: 'x' }),
    'opens beyond the limit': (end, i) => say(end, { ...open, channel: i }),
    'channels that are refused': (end, i) => {
      say(end, { ...open, channel: i });
      end.session.reset(-i, 'no such channel');
    },
    'half a window at a time, of which each half is granted again': (end, i) => {
      if (i === 1) {
        say(end, open);
      }
      say(end, bytes(1, 'x'.repeat(8)));
      end.session.consumed(-1, 8);
    },
  };

  test.each(Object.keys(floods))('is found out when it floods with %s', (name) => {
    const end = victim();
    let said = 0;
    expect(() => {
      for (let i = 1; i < 10_000; i++) {
        floods[name]?.(end, i);
        said = i;
      }
    }).toThrow(expect.objectContaining({ code: 'ERR_PEER_PROTOCOL' }));
    expect(said).toBeGreaterThan(1000);
    expect(said).toBeLessThan(1100);
  });

  test('may ask as often as it likes when it reads', () => {
    const end = victim();
    for (let i = 1; i < 5000; i++) {
      floods['pings']?.(end, i);
      floods['channels that are refused']?.(end, i);
      end.pump();
      end.take();
    }
    expect(end.session.next()).toBeUndefined();
  });

  test('may open and reset for ever: nothing is kept of that', () => {
    const end = victim();
    for (let i = 1; i < 5000; i++) {
      say(end, { ...open, channel: i }, { kind: 'reset', channel: i });
    }
    expect(end.calls.filter(([kind]) => kind === 'open')).toHaveLength(4999);
    expect(end.session.next()).toBeUndefined();
  });

  test('may send what was read again, and not one byte more', () => {
    const end = victim();
    say(end, open, bytes(1, 'x'.repeat(16)));
    end.session.consumed(-1, 9);
    say(end, bytes(1, 'x'.repeat(9)));
    expect(() => say(end, bytes(1, 'x'))).toThrow(ProtocolError);
  });

  test('cannot make us send more than it granted', () => {
    const end = victim();
    end.session.write(1, [new Uint8Array(1000)], () => undefined);
    const sent = (): number => end.pump().reduce((sum, { body }) => sum + lengthOf(body), 0);
    expect(sent()).toBe(SMALL.window);
    say(
      end,
      { kind: 'credit', channel: -1, credit: 1 },
      { kind: 'credit', channel: -1, credit: 6 },
    );
    expect(sent()).toBe(7);
  });
});
