// The limit for messages that cost a remote nothing to repeat. It is a token bucket, tested with a clock of
// numbers, then in a session, then over a socket.

import { ok } from 'node:assert';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Peer } from '../../src/entries/peer.ts';
import { FloodGate, MAX_DEBT_MS } from '../../src/peer/session/flood.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import {
  dialPeer,
  HELLO,
  messageBytes,
  playClient,
  readToClose,
  startPeers,
} from '../support/peers.ts';
import { runs } from '../support/seed.ts';
import {
  helloOf,
  placed,
  recorded,
  SessionEnd,
  sessionOptions,
  UNHANDLED,
} from '../support/session-pair.ts';
import type { Call } from '../support/session-pair.ts';
import { utf8 } from '../support/bytes.ts';
import { turns, until } from '../support/waiting.ts';

const options = fc.record({
  burst: fc.integer({ min: 1, max: 2000 }),
  rate: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0.1, max: 10, noNaN: true })),
});
const waits = fc.array(fc.nat(3000), { minLength: 1, maxLength: 200 });

describe('a bucket', () => {
  test('never holds up a remote that keeps to the burst and the rate', () => {
    fc.assert(
      fc.property(options, waits, ({ burst, rate }, pauses) => {
        const gate = new FloodGate({ burst, rate });
        let now = 0;
        let tokens = burst;
        for (const pause of pauses) {
          now += pause;
          tokens = Math.min(burst, tokens + (pause * rate) / 1000);
          for (; tokens >= 1 + 1e-6; tokens--) {
            gate.spend(now);
          }
          ok(gate.heldUntil <= now + 1e-6);
          ok(!gate.isFlooded);
        }
      }),
      runs(200),
    );
  });

  test('lets through no more than the burst and the rate, to a remote that waits as it is told', () => {
    fc.assert(
      fc.property(options, fc.integer({ min: 1, max: 300 }), ({ burst, rate }, count) => {
        const gate = new FloodGate({ burst, rate });
        let now = 0;
        for (let spent = 1; spent <= burst + count; spent++) {
          now = Math.max(now, gate.heldUntil);
          gate.spend(now);
          ok(spent <= burst + 1 + (now * rate) / 1000 + 1e-6);
          if (gate.isFlooded) {
            return;
          }
        }
      }),
      runs(200),
    );
  });

  test('calls it a flood when a remote was held up for 10 s, and no sooner', () => {
    fc.assert(
      fc.property(options, ({ burst, rate }) => {
        const gate = new FloodGate({ burst, rate });
        let now = 0;
        let held = 0;
        while (!gate.isFlooded) {
          ok(held <= MAX_DEBT_MS + 1e-6);
          gate.spend(now);
          held += Math.max(0, gate.heldUntil - now);
          now = Math.max(now, gate.heldUntil);
        }
        expect(held).toBeGreaterThan(MAX_DEBT_MS - 1e-6);
      }),
      runs(50),
    );
  });

  test('calls it a flood also where each pause ends late', () => {
    const gate = new FloodGate({ burst: 1000, rate: 200 });
    const LATE_MS = 20;
    let now = 0;
    while (!gate.isFlooded && now < 60_000) {
      if (now < gate.heldUntil) {
        now = gate.heldUntil + LATE_MS;
      }
      gate.spend(now);
    }
    expect(gate.isFlooded).toBe(true);
  });

  test('forgets what was held up as time passes, and holds up nobody at an infinite rate', () => {
    const gate = new FloodGate({ burst: 1, rate: 1 });
    for (let now = 0; now < 1_000_000; now += 20_000) {
      for (let i = 0; i < 8; i++) {
        gate.spend(now);
      }
      expect(gate.isFlooded).toBe(false);
    }
    const open = new FloodGate({ burst: 1, rate: Infinity });
    for (let i = 0; i < 10_000; i++) {
      open.spend(5);
    }
    expect([open.heldUntil <= 5, open.isFlooded]).toEqual([true, false]);
  });
});

type Said = readonly (JsonObject | readonly [JsonObject, string])[];

/** A session with a burst of 10, past its hello, and what it is told. */
function session(): {
  readonly say: (...said: Said) => void;
  readonly isHeld: () => boolean;
  readonly end: SessionEnd;
} {
  const calls: Call[] = [];
  const limits = { maxChannels: 3, maxPendingRequests: 3 };
  const flood = { burst: 10, rate: 1 };
  const end = new SessionEnd(0, sessionOptions(limits, { flood }), recorded(calls));
  const say = (...said: Said): void => {
    for (const one of said) {
      const [header, body] = Array.isArray(one) ? one : [one, ''];
      end.session.receive(placed({ ...header }, utf8(String(body))));
      end.pump();
    }
  };
  say({ ...helloOf({ window: 100_000 }) });
  return { say, end, isHeld: () => end.session.heldUntil > 0 };
}

const request = (id: number, name = 'x'): JsonObject => ({ kind: 'request', id, name });
const open = (channel: number, name = 'x'): JsonObject => ({ kind: 'open', channel, name });

const COSTS: Readonly<Record<string, (i: number) => Said>> = {
  ping: (id) => [{ kind: 'ping', id }],
  'an event that nobody handles': () => [{ kind: 'event', name: UNHANDLED }],
  'a request that nobody handles': (i) => [request(i, UNHANDLED)],
  'a channel that nobody handles': (i) => [open(i, UNHANDLED)],
  'a channel that is opened and reset': (i) => [open(i), { kind: 'reset', channel: i }],
  'a request beyond the limit': (i) => (i === 1 ? [1, 2, 3, 4] : [i + 3]).map((id) => request(id)),
  'a channel beyond the limit': (i) => (i === 1 ? [1, 2, 3, 4] : [i + 3]).map((id) => open(id)),
  'a second cancel': (i) => [...(i === 1 ? [request(1)] : []), { kind: 'cancel', id: 1 }],
  'a credit of one byte': (i) => [
    ...(i === 1 ? [open(1)] : []),
    { kind: 'credit', channel: 1, credit: 1 },
  ],
  'a reset of what is closed': (i) => [
    ...(i === 1 ? [open(1)] : []),
    { kind: 'reset', channel: 1 },
  ],
};

describe('a session charges for', () => {
  test.each(Object.entries(COSTS))('%s', (_, said) => {
    const { say, isHeld } = session();
    for (let i = 1; i <= 7; i++) {
      say(...said(i));
    }
    expect(isHeld()).toBe(false);
    expect(() => {
      for (let i = 8; i <= 40; i++) {
        say(...said(i));
      }
    }).toThrow(expect.objectContaining({ name: 'ProtocolError', code: 'ERR_PEER_FLOOD' }));
    expect(isHeld()).toBe(true);
  });
});

describe('a session does not charge for', () => {
  test('requests that are answered, cancelled in time, too late, or not', () => {
    const { say, isHeld, end } = session();
    for (let id = 1; id <= 300; id++) {
      say(request(id));
      if (id % 3 === 0) {
        say({ kind: 'cancel', id });
      }
      end.session.answer(id, { result: null, body: utf8('') });
      end.pump();
      if (id % 3 === 1) {
        say({ kind: 'cancel', id });
      }
    }
    expect(isHeld()).toBe(false);
  });

  test('channels that are used, events that are handled, and grants of half a window', () => {
    const { say, isHeld, end } = session();
    for (let channel = 1; channel <= 300; channel++) {
      const bytes = { kind: 'bytes', channel };
      say({ kind: 'event', name: 'x' }, open(channel), [bytes, 'x']);
      say({ kind: 'credit', channel, credit: 50_000 }, { kind: 'end', channel });
      end.session.end(-channel, () => undefined);
      end.pump();
      // One that was under way when the channel closed.
      say({ kind: 'credit', channel, credit: 50_000 });
    }
    expect(isHeld()).toBe(false);
  });

  test('what was under way for a channel that this side resets', () => {
    const { say, isHeld, end } = session();
    for (let channel = 1; channel <= 300; channel++) {
      say(open(channel));
      end.session.reset(-channel);
      end.pump();
      for (let i = 0; i < 10; i++) {
        say([{ kind: 'bytes', channel }, 'x']);
      }
      say({ kind: 'end', channel });
    }
    expect(isHeld()).toBe(false);
  });
});

describe('over a socket', () => {
  test('a flood is slowed down, and then ends its connection and no other', async () => {
    const met: Peer[] = [];
    const server = await startPeers(
      (peer) => {
        met.push(peer);
        peer.handle('echo', (params) => params);
      },
      { floodBurst: 100, floodRate: 10 },
    );
    const stranger = await playClient(server.port);
    const over = readToClose(stranger);
    const said = Array.from({ length: 150 }, (_, i) =>
      messageBytes({ kind: 'open', channel: i + 1, name: 'nobody' }),
    );
    stranger.write(Buffer.concat([HELLO, ...said]));
    const other = await dialPeer(server.port);
    for (let i = 0; i < 300; i++) {
      expect((await other.request('echo', i)).result).toBe(i);
    }
    expect(met[0]?.failure).toBeUndefined();
    other.destroy();
    stranger.destroy();
    await over;
  });

  test('a debt above 10 s ends the connection', async () => {
    const met: Peer[] = [];
    const server = await startPeers((peer) => void met.push(peer), {
      floodBurst: 2,
      floodRate: 0.09,
    });
    const stranger = await playClient(server.port);
    const over = readToClose(stranger);
    const pings = [1, 2, 3].map((id) => messageBytes({ kind: 'ping', id }));
    stranger.write(Buffer.concat([HELLO, ...pings]));
    await over;
    expect(await met[0]?.closed).toMatchObject({ code: 'ERR_PEER_FLOOD', limit: 0.09 });
  });

  test('resets make no warning, and nothing of their reason reaches the terminal', async () => {
    const warnings: unknown[] = [];
    const warn = (warning: unknown): void => void warnings.push(warning);
    process.on('warning', warn);
    let reads = 0;
    const server = await startPeers(
      (peer) => {
        peer.handleChannel('read', async (channel) => {
          reads++;
          for await (const _ of channel) {
          }
        });
      },
      { onError: undefined, floodRate: Infinity },
    );
    const stranger = await playClient(server.port);
    let heard = '';
    stranger.on('data', (bytes: Buffer) => (heard = heard.slice(-100) + bytes.toString('latin1')));
    stranger.write(HELLO);
    for (let channel = 1; channel <= 2000; channel++) {
      const reset = messageBytes({ kind: 'reset', channel, reason: '\u001b[2J' });
      stranger.write(Buffer.concat([messageBytes({ kind: 'open', channel, name: 'read' }), reset]));
    }
    stranger.write(messageBytes({ kind: 'ping', id: 1 }));
    await until(() => heard.includes('pong'), 'all came');
    await turns(20);
    expect(reads).toBeGreaterThan(100);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});
