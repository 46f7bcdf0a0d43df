// A session and a hostile remote: nearly valid messages in any order, between calls of the application. The
// session either accepts an allowed message or throws a ProtocolError.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProtocolError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import { runs } from '../support/seed.ts';
import {
  codecOf,
  helloOf,
  placed,
  recorded,
  SessionEnd,
  sessionOptions,
  SMALL,
} from '../support/session-pair.ts';
import type { Call } from '../support/session-pair.ts';

const KINDS = [
  'hello',
  'request',
  'response',
  'failure',
  'cancel',
  'event',
  'open',
  'bytes',
  'credit',
  'end',
  'reset',
  'ping',
  'pong',
  'close',
];
const small = fc.integer({ min: -3, max: 6 });
const wrong = fc.constantFrom<unknown>(null, '', 'x', [], {}, true, 0.5, -1, 2 ** 53, 2 ** 48);

/** A field as it should be, nearly always. */
function mostly<T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

const headers: fc.Arbitrary<JsonObject> = fc.record(
  {
    kind: mostly(fc.constantFrom(...KINDS)),
    id: mostly(small),
    channel: mostly(small),
    name: mostly(fc.constant('x')),
    params: fc.jsonValue({ maxDepth: 1 }),
    result: fc.jsonValue({ maxDepth: 1 }),
    error: mostly(fc.constant({ code: 'E', message: 'm' })),
    credit: mostly(fc.nat(20)),
    reason: mostly(fc.constant('r')),
    version: fc.constant(1),
  },
  { requiredKeys: ['kind', 'id', 'channel', 'name', 'error', 'credit'] },
);
const messages = fc.tuple(headers, fc.uint8Array({ maxLength: 3 })).map(([header, body]) => ({
  header,
  // Where one is allowed.
  body: ['request', 'response', 'event', 'bytes'].includes(String(header['kind']))
    ? body
    : new Uint8Array(0),
}));

/** The calls of an application that answers, reads and resets at random. */
const acts = fc.constantFrom<(end: SessionEnd) => void>(
  ({ session }) => void session.request('r', 1, new Uint8Array(1)),
  ({ session }) => void session.open('c', undefined),
  ({ session }) => session.write(1, [new Uint8Array(5)], () => undefined),
  ({ session }) => session.write(-1, [new Uint8Array(5)], () => undefined),
  ({ session }) => session.end(-1, () => undefined),
  ({ session }) => session.reset(-2),
  ({ session }) => session.giveUp(1),
  ({ session }) => session.answer(1, { result: 1, body: new Uint8Array(2) }),
  ({ session }) => session.consumed(-1, 2),
  ({ session }) => void session.ping(),
  (end) => void end.pump(),
);
const anyStep = fc.oneof({ weight: 3, arbitrary: messages }, { weight: 2, arbitrary: acts });
/** Nearly every long plan does something that is not allowed, and many short ones do not. */
const steps = fc.oneof(
  { weight: 3, arbitrary: fc.array(anyStep, { size: '+1' }) },
  { weight: 1, arbitrary: fc.array(anyStep, { maxLength: 3 }) },
);

/** Ends with what was thrown; undefined where all was let through. */
function play(end: SessionEnd, plan: readonly unknown[]): unknown {
  try {
    for (const step of plan) {
      if (typeof step === 'function') {
        step(end);
      } else if (isMessage(step)) {
        end.session.receive(placed(step.header, step.body));
      }
    }
  } catch (error) {
    return error;
  }
  return undefined;
}

function isMessage(step: unknown): step is { header: JsonObject; body: Uint8Array } {
  return typeof step === 'object' && step !== null && 'header' in step;
}

test('messages in any order give what is allowed, or a ProtocolError', () => {
  const seen = { allowed: 0, refused: 0 };
  fc.assert(
    fc.property(steps, (plan) => {
      const calls: Call[] = [];
      const end = new SessionEnd(0, sessionOptions(), recorded(calls));
      end.session.receive(placed({ ...helloOf() }));
      const thrown = play(end, plan);
      const isClosing = calls.length > 0 && Object(thrown).code === 'ERR_CONNECTION_CLOSED';
      expect(thrown === undefined || isClosing || thrown instanceof ProtocolError).toBe(true);
      if (thrown instanceof ProtocolError) {
        seen.refused++;
      } else {
        seen.allowed++;
      }
      const running = calls.filter(([kind]) => kind === 'request').length;
      const answered = calls.length === 0 ? 0 : 1;
      expect(running).toBeLessThanOrEqual(SMALL.maxPendingRequests + answered);
      end.pump();
    }),
    runs(300),
  );
  // The arbitraries reach both.
  expect(Math.min(seen.allowed, seen.refused)).toBeGreaterThan(0);
});

/** What a session heard of these bytes, and how it ended. */
function said(bytes: Uint8Array, size: number): unknown {
  const calls: Call[] = [];
  const end = new SessionEnd(0, sessionOptions(), recorded(calls));
  try {
    for (let at = 0; at < bytes.length; at += size) {
      end.hear(bytes.subarray(at, at + size));
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error;
    }
    const { code, byteOffset, frameIndex } = error;
    return { calls, code, byteOffset, frameIndex };
  }
  return { calls };
}

test('bytes that are nearly a conversation give calls or a ProtocolError, however they are cut', () => {
  const codec = codecOf({ ...SMALL, maxBodyLength: 1000 });
  const conversation = Buffer.concat(
    [
      helloOf(),
      { kind: 'event', name: 'x' } as const,
      { kind: 'open', channel: 1, name: 'c' } as const,
      { kind: 'end', channel: 1 } as const,
      { kind: 'close' } as const,
    ].map((header) => codec.encodeHead(header, 0)),
  );
  const damages = fc.array(
    fc.tuple(fc.nat(conversation.length - 1), fc.integer({ min: 0, max: 255 })),
    {
      maxLength: 3,
    },
  );
  fc.assert(
    fc.property(damages, fc.integer({ min: 1, max: 20 }), (changes, size) => {
      const bytes = Buffer.from(conversation);
      for (const [at, value] of changes) {
        bytes[at] = value;
      }
      expect(said(bytes, size)).toEqual(said(bytes, bytes.length));
    }),
    runs(120),
  );
});
