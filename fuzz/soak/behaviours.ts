// The behaviours of the crowd's connections: a table with one small function for each. The behaviours in
// `peer-behaviours.ts` are for servers of peers only.

import { randomBytes } from '../targets/target.ts';
import type { Attack, Behaviour } from './attack.ts';
import { peerBehaviours } from './peer-behaviours.ts';
import type { ServerName } from './wire.ts';

/**
 * Number of bytes that one connection that reads nothing sends in all: enough to fill all buffers on the way.
 */
const UNREAD_LENGTH = 4 * 1024 * 1024;

const HTTP = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: crowd\r\n\r\n');
/** The record and the beginning of a ClientHello, as OpenSSL sends it. */
const TLS_HELLO = Buffer.from(`1603010200010001fc0303${'5a'.repeat(500)}`, 'hex');

/** Several whole questions. */
function asks({ language }: Attack, count: number, size: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => language.ask(index + 1, size)));
}

/** Sends the greeting, if the language has one, so that the server lets the connection in. */
function greet(attack: Attack): void {
  if (attack.language.greeting.length > 0) {
    attack.write(attack.language.greeting);
  }
}

/** A question without its end: at least the first byte is there, and at least the last is missing. */
function half(attack: Attack, size: number): Buffer {
  const whole = attack.language.ask(1, size);
  return whole.subarray(0, attack.random.between(1, whole.length - 1));
}

const behaviours: Readonly<Record<string, Behaviour>> = {
  'says nothing': () => undefined,

  'half a prefix, then silence': (attack) => attack.write(Buffer.of(0)),

  'half a greeting or header, then silence': (attack) => {
    const { greeting } = attack.language;
    const first = greeting.length > 0 ? greeting : attack.language.ask(1, 10);
    attack.write(first.subarray(0, 7));
  },

  'half a frame, then silence': (attack) => {
    greet(attack);
    attack.write(half(attack, 5000));
  },

  'dribbles one byte at a time': (attack) => {
    const bytes = Buffer.concat([attack.language.greeting, attack.language.ask(1, 100)]);
    let at = 0;
    attack.every(attack.random.pick([20, 200, 1000]), () => attack.write(bytes.subarray(at, ++at)));
  },

  'asks in pieces cut anywhere': (attack) => {
    const bytes = Buffer.concat([attack.language.greeting, asks(attack, 20, 300)]);
    let at = 0;
    attack.every(10, () => {
      const end = at + attack.random.between(1, 500);
      attack.write(bytes.subarray(at, end));
      at = end;
    });
  },

  'declares a huge length': (attack) => {
    greet(attack);
    attack.write(Buffer.from(attack.random.pick(['7fffffff', 'ffffffff', '80000000']), 'hex'));
  },

  'declares a length and sends a little of it': (attack) => {
    greet(attack);
    attack.write(Buffer.concat([attack.language.ask(1, 200_000).subarray(0, 30_000)]));
  },

  'sends more than is accepted': (attack) => {
    greet(attack);
    attack.write(attack.language.oversized);
  },

  'speaks HTTP': (attack) => attack.write(HTTP),

  'speaks TLS': (attack) => attack.write(TLS_HELLO),

  'sends garbage': (attack) => {
    if (attack.random.chance(1, 2)) {
      greet(attack);
    }
    attack.write(randomBytes(attack.random, attack.random.between(1, 3000)));
  },

  'resets at once': ({ socket }) => void socket.resetAndDestroy(),

  'asks and resets': (attack) => {
    greet(attack);
    attack.socket.write(asks(attack, 5, 2000), () => attack.socket.resetAndDestroy());
  },

  'resets inside a frame': (attack) => {
    greet(attack);
    attack.socket.write(half(attack, 3000), () => attack.socket.resetAndDestroy());
  },

  'asks again and again and never reads': (attack) => {
    attack.socket.pause();
    greet(attack);
    let sent = 0;
    attack.every(50, () => {
      if (sent >= UNREAD_LENGTH || attack.socket.writableLength > 0) {
        return;
      }
      const bytes = attack.language.ask((sent += 100_000) / 100_000, 100_000);
      attack.write(bytes);
    });
  },

  'pipelines many questions and never reads': (attack) => {
    attack.socket.pause();
    greet(attack);
    attack.write(asks(attack, 500, 1000));
  },

  'pipelines many questions and reads now and then': (attack) => {
    greet(attack);
    attack.write(asks(attack, 200, 2000));
    attack.every(150, () => {
      if (attack.socket.isPaused()) {
        attack.socket.resume();
      } else {
        attack.socket.pause();
      }
    });
  },

  'half-closes behind its questions': (attack) => {
    greet(attack);
    attack.socket.end(asks(attack, 10, 500));
  },

  'half-closes inside a frame': (attack) => {
    greet(attack);
    attack.socket.end(half(attack, 500));
  },

  'half-closes and never reads': (attack) => {
    attack.socket.pause();
    greet(attack);
    attack.socket.end(asks(attack, 100, 5000));
  },

  'finishes in order': (attack) => {
    greet(attack);
    attack.write(attack.language.ask(1, 100));
    attack.socket.once('data', () => attack.socket.end());
  },

  'repeats keys': (attack) => {
    greet(attack);
    const { language } = attack;
    const many = '"a":0,'.repeat(2000);
    attack.write(language.message('{"kind":"event","name":"n","name":"m","bodyLength":0}'));
    attack.write(language.message('{"kind":"event","name":"n","bodyLength":0,"bodyLength":9}'));
    attack.write(language.message(`{"kind":"event","name":"n","params":{${many}"a":1}}`));
  },

  'nests its JSON deeply': (attack) => {
    greet(attack);
    const depth = attack.random.between(1000, 7000);
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    attack.write(attack.language.message(`{"kind":"event","name":"n","params":${nested}}`));
  },

  'sends __proto__': (attack) => {
    greet(attack);
    attack.write(attack.language.message('{"__proto__":{"kind":"close"},"kind":"close"}'));
  },
};

/** The behaviours for attacking this server. */
export function behavioursFor(name: ServerName): readonly (readonly [string, Behaviour])[] {
  const common = Object.entries(behaviours);
  return name === 'peers' ? [...common, ...Object.entries(peerBehaviours)] : common;
}
