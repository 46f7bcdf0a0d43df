// Invariant: for any bytes of a remote, a peer's session reports the same events, sends the same bytes, and
// ends with the same ProtocolError or none, however the bytes are cut. It throws nothing else. It sends few
// bytes.

import { ok, strictEqual } from 'node:assert';
import { ProtocolError } from '../../src/errors.ts';
import { peerCodec } from '../../src/peer/session/peer-codec.ts';
import { Session } from '../../src/peer/session/session.ts';
import type { SessionEvents } from '../../src/peer/session/session-events.ts';
import type { PeerHeader } from '../../src/peer/session/wire.ts';
import { pieces } from '../../src/schedule/pieces.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { cutsOf, place } from './deliveries.ts';
import { Choices, concat, randomBytes } from './target.ts';
import type { Target } from './target.ts';

const limits = {
  window: 40,
  maxChannels: 2,
  maxPendingRequests: 2,
  maxHeaderLength: 400,
  maxBodyLength: 4096,
  maxPendingHeaderLength: 800,
};
const codec = peerCodec({ ...limits, maxHelloLength: 400 });
const options = {
  limits,
  heartbeat: { interval: Infinity, timeout: 1 },
  flood: { burst: 3, rate: 200 },
  channelTimeout: Infinity,
  maxQueuedLength: 2 ** 30,
  helloTimeout: Infinity,
};
/** Maximum number of bytes that a session may send: far more than a few windows and a few answers. */
const MOST_SENT = 1024 * 1024;

/** A session that answers some requests at once and others never, and reads some channels. */
class Listener {
  readonly #decoder = codec.decoder();
  readonly #session: Session;
  #said: string[] = [];
  #sent = 0;

  constructor() {
    this.#session = new Session({ codec, options, events: this.#events(), now: 0 });
    this.#session.open('ours', null);
    this.#session.request('ask', null, new Uint8Array(3));
  }

  hear(chunks: readonly Uint8Array[]): string {
    try {
      for (const chunk of chunks) {
        this.#decoder.push(chunk);
        this.#take();
      }
      this.#decoder.end();
      this.#take();
      this.#said.push('clean end');
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      this.#said.push(place(error));
    }
    return this.#said.join('\n');
  }

  #take(): void {
    for (const message of this.#decoder) {
      this.#session.receive(message);
      this.#drain();
    }
  }

  #drain(): void {
    for (let next = this.#session.next(); next !== undefined; next = this.#session.next()) {
      next.onTaken?.();
      const bytes = Buffer.concat(next.pieces);
      this.#sent += bytes.length;
      this.#said.push(`sends ${bytes.toString('latin1')}`);
    }
    ok(this.#sent < MOST_SENT, 'few received bytes cause few sent bytes');
  }

  #events(): SessionEvents {
    const hear = (...words: unknown[]): void => void this.#said.push(JSON.stringify(words));
    return {
      hello: () => hear('hello'),
      handles: (_, name) => name !== 'nobody',
      request: (id, { name, params, body }) => {
        hear('request', id, name, params, body.length);
        if (id % 2 === 1) {
          this.#session.answer(id, { result: params, body });
        }
      },
      cancel: (id) => {
        hear('cancel', id);
        this.#session.answer(id, { error: { code: 'GIVEN_UP', message: '' } });
      },
      answer: (id) => hear('answer', id),
      event: ({ name, params, body }) => hear('event', name, params, body.length),
      open: (id, { name, params }) => hear('open', id, name, params),
      bytes: (id, parts) => {
        const bytes = Buffer.concat(parts);
        hear('bytes', id, bytes.length);
        if (id % 2 !== 0) {
          this.#session.consumed(id, bytes.length);
        }
        this.#session.write(id, [bytes], () => undefined);
      },
      end: (id) => {
        hear('end', id);
        this.#session.end(id, () => undefined);
      },
      reset: (id, reason) => hear('reset', id, reason),
      pong: (id) => hear('pong', id),
      unsent: (kind, id, { code }) => hear('unsent', kind, id, code),
      stalled: (id, stall) => hear('stalled', id, stall),
      silent: () => undefined,
    };
  }
}

/** `seed of the cuts (4) | the stream`. */
function parseCase(bytes: Uint8Array): { readonly seed: number; readonly stream: Uint8Array } {
  const choices = new Choices(bytes);
  return { seed: choices.seed(), stream: choices.rest() };
}

function schedule(bytes: Uint8Array): Schedule {
  const { seed, stream } = parseCase(bytes);
  return cutsOf(seed, stream);
}

function fuzz(bytes: Uint8Array): void {
  const { seed, stream } = parseCase(bytes);
  const whole = new Listener().hear([stream]);
  const cut = pieces(cutsOf(seed, stream), stream);
  strictEqual(new Listener().hear(cut), whole, 'a cut made a difference');
  const single = Array.from(stream, (byte) => Uint8Array.of(byte));
  strictEqual(new Listener().hear(single), whole, 'byte by byte made a difference');
}

function line(header: PeerHeader, body = ''): Uint8Array {
  return concat(codec.encodeHead(header, body.length), Buffer.from(body));
}

/** A case with a conversation that mostly keeps the rules. */
function sample(source: Random): Uint8Array {
  const hello = line({ kind: 'hello', version: 1, ...limits });
  let request = 0;
  let channel = 0;
  let ping = 0;
  const lines = Array.from({ length: source.below(12) }, (): Uint8Array => {
    const some = source.pick([1, -1, 2, -2, channel]) || 1;
    const body = 'x'.repeat(source.below(30));
    return source.pick([
      () => line({ kind: 'request', id: ++request, name: 'echo', params: some }, body),
      () => line({ kind: 'response', id: 1, result: [] }, body),
      () => line({ kind: 'failure', id: 1, error: { code: 'NO', message: 'no' } }),
      () => line({ kind: 'cancel', id: request || 1 }),
      () => line({ kind: 'event', name: 'said' }, body),
      () => line({ kind: 'open', channel: ++channel, name: 'echo', params: {} }),
      () => line({ kind: 'bytes', channel: some }, body),
      () => line({ kind: 'credit', channel: some, credit: 20 }),
      () => line({ kind: 'end', channel: some }),
      () => line({ kind: 'reset', channel: some }),
      () => line({ kind: 'ping', id: ++ping }),
      () => line({ kind: 'close' }),
    ])();
  });
  return concat(randomBytes(source, 4), hello, ...lines);
}

export const session: Target = { name: 'session', fuzz, sample, schedule, dictionary: 'messages' };
