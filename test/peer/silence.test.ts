// When a session pings a silent remote, and when it gives the remote up. Time is a number that the test sets.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heartbeat } from '../../src/peer/session/heartbeat.ts';
import { RecordedPair, sessionOptions } from '../support/session-pair.ts';
import { runs } from '../support/seed.ts';

describe('a heartbeat', () => {
  test('asks after the interval, and gives up when the timeout has passed as well', () => {
    const heartbeat = new Heartbeat({ interval: 100, timeout: 50 }, 1000);
    expect(heartbeat.deadline).toBe(1100);
    expect(heartbeat.check(1099)).toBeUndefined();
    expect(heartbeat.check(1100)).toBe('ping');
    expect(heartbeat.deadline).toBe(1150);
    expect(heartbeat.check(1149)).toBeUndefined();
    expect(heartbeat.check(1150)).toBe('dead');
  });

  test('counts from the last byte, whether it is an answer or not', () => {
    const heartbeat = new Heartbeat({ interval: 100, timeout: 50 }, 0);
    heartbeat.heard(60);
    expect(heartbeat.check(159)).toBeUndefined();
    expect(heartbeat.check(160)).toBe('ping');
    heartbeat.heard(205);
    expect(heartbeat.deadline).toBe(305);
    expect(heartbeat.check(210)).toBeUndefined();
  });

  test('asks before it gives up, also when it is looked at very late', () => {
    const heartbeat = new Heartbeat({ interval: 100, timeout: 50 }, 0);
    expect(heartbeat.check(10_000)).toBe('ping');
    expect(heartbeat.check(10_049)).toBeUndefined();
    expect(heartbeat.check(10_050)).toBe('dead');
  });

  test('with the interval Infinity never asks', () => {
    const heartbeat = new Heartbeat({ interval: Infinity, timeout: 50 }, 0);
    expect(heartbeat.deadline).toBe(Infinity);
    expect(heartbeat.check(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  test('never gives up a remote that was heard within interval and timeout, and always one that was not', () => {
    const steps = fc.array(
      fc.record({ wait: fc.nat(80), isHeard: fc.boolean(), isLookedAt: fc.boolean() }),
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 60 }), (plan, timeout) => {
        const interval = 50;
        const heartbeat = new Heartbeat({ interval, timeout }, 0);
        let now = 0;
        let heardAt = 0;
        let isDead = false;
        for (const { wait, isHeard, isLookedAt } of plan) {
          now += wait;
          if (isHeard) {
            heartbeat.heard((heardAt = now));
          }
          if (!isLookedAt) {
            continue;
          }
          isDead = heartbeat.check(now) === 'dead';
          const isInTime = isDead ? now - heardAt >= interval + timeout : heartbeat.deadline > now;
          expect(isInTime).toBe(true);
          if (isDead) {
            return;
          }
        }
        // Looked at when it asks to be, it is done after two looks.
        heartbeat.check(Math.max(now, heartbeat.deadline));
        expect(heartbeat.check(heartbeat.deadline)).toBe('dead');
      }),
      runs(200),
    );
  });
});

describe('a session', () => {
  test('gives up a remote that says no hello in time', () => {
    const both = new RecordedPair(sessionOptions({}, { helloTimeout: 500, interval: 10 }));
    expect(both.left.deadline).toBe(500);
    both.left.tick(499);
    expect(both.heardBy(0)).toEqual([]);
    both.left.tick(500);
    expect(both.heardBy(0)).toEqual([['silent', 'hello']]);
  });

  test('is not content with bytes that are no hello yet', () => {
    const both = new RecordedPair(sessionOptions({}, { helloTimeout: 500 }));
    both.ends[1].pump();
    both.ends[0].hear(both.ends[1].take(7), 400);
    both.left.tick(500);
    expect(both.heardBy(0)).toEqual([['silent', 'hello']]);
  });

  test('with the helloTimeout Infinity waits for ever', () => {
    const both = new RecordedPair(sessionOptions({}, { helloTimeout: Infinity, interval: 10 }));
    expect(both.left.deadline).toBe(Infinity);
  });

  test('pings a remote that is silent, and goes on when it answers', () => {
    const both = new RecordedPair(sessionOptions({}, { interval: 100, timeout: 50 }));
    both.settle(10);
    expect(both.left.deadline).toBe(110);
    both.left.tick(110);
    both.settle(120);
    expect(both.heardBy(0)).toEqual([['hello'], ['pong', 1]]);
    both.left.tick(219);
    expect(both.left.deadline).toBe(220);
    both.left.tick(220);
    both.left.tick(270);
    expect(both.heardBy(0)).toEqual([['silent', 'heartbeat']]);
  });

  test('has at most 64 pings without an answer', () => {
    const both = new RecordedPair();
    both.settle();
    const ids = Array.from({ length: 70 }, () => both.left.ping());
    expect(ids.filter((id) => id !== undefined)).toHaveLength(64);
    both.settle();
    expect(both.heardBy(0).filter(([kind]) => kind === 'pong')).toHaveLength(64);
    expect(both.left.ping()).toBe(65);
  });
});
