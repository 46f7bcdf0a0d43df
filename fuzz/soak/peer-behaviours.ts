// The behaviours of the crowd's peers: floods of messages that cost the sender little, channels that are
// never finished, tiny credits, broken rules of the protocol. Each says hello first.

import type { Attack, Behaviour } from './attack.ts';
import { hello, message } from './wire.ts';

/** Number of times that a burst of a flood calls `make`, and time in ms between two bursts. */
const FLOOD_COUNT = 300;
const FLOOD_INTERVAL = 2000;

/** Says hello, then sends the messages of make(1), make(2), make(3) … in bursts. */
function flood(make: (id: number) => readonly Buffer[]): Behaviour {
  return (attack) => {
    attack.write(hello());
    let id = 0;
    const burst = (): void => {
      if (attack.socket.writableLength > 0) {
        return;
      }
      attack.write(Buffer.concat(Array.from({ length: FLOOD_COUNT }, () => make(++id)).flat()));
    };
    burst();
    attack.every(FLOOD_INTERVAL, burst);
  };
}

/** Says hello and sends these messages, then does nothing. */
function say(...messages: readonly Buffer[]): Behaviour {
  return (attack) => attack.write(Buffer.concat([hello(), ...messages]));
}

const open = (channel: number, name: string): Buffer => message({ kind: 'open', channel, name });
const request = (id: number, name: string): Buffer => message({ kind: 'request', id, name });
const bytes = (channel: number, length: number): Buffer =>
  message({ kind: 'bytes', channel }, Buffer.alloc(length, 120));

export const peerBehaviours: Readonly<Record<string, Behaviour>> = {
  'opens and resets channels': flood((id) => [
    open(id, ['echo', 'sink', 'drain', 'nobody'][id % 4] ?? ''),
    message({ kind: 'reset', channel: id, reason: 'x' }),
  ]),

  'opens channels that nobody handles': flood((id) => [open(id, 'nobody')]),

  'asks and cancels': flood((id) => [request(id, 'never'), message({ kind: 'cancel', id })]),

  'tells events that nobody handles': flood((id) => [
    message({ kind: 'event', name: 'nobody', params: id }),
  ]),

  'tells events that are handled': flood((id) => [
    message({ kind: 'event', name: 'said', params: id }),
  ]),

  pings: flood((id) => [message({ kind: 'ping', id })]),

  'asks what nobody answers': flood((id) => [request(id, id % 2 === 0 ? 'never' : 'nobody')]),

  'grants credit one byte at a time': (attack) => {
    attack.write(Buffer.concat([hello({ window: 1 }), open(1, 'source')]));
    attack.every(20, () => attack.write(message({ kind: 'credit', channel: 1, credit: 1 })));
  },

  'reads a channel very slowly': (attack) => {
    attack.write(Buffer.concat([hello(), open(1, 'source')]));
    attack.every(300, () => {
      attack.socket.once('data', () => attack.socket.pause());
      attack.socket.resume();
    });
  },

  'fills a channel that nobody reads': say(open(1, 'sink'), bytes(1, 200_000), bytes(1, 60_000)),

  'fills a channel one byte at a time': (attack) => {
    attack.write(Buffer.concat([hello(), open(1, 'sink')]));
    const burst = Buffer.concat(Array.from({ length: 500 }, () => bytes(1, 1)));
    attack.every(500, () => attack.write(burst));
  },

  'sends beyond the window': say(open(1, 'sink'), bytes(1, 200_000), bytes(1, 200_000)),

  'ends a channel and goes on': say(
    open(1, 'echo'),
    message({ kind: 'end', channel: 1 }),
    bytes(1, 10),
  ),

  'says hello twice': say(hello()),

  'says hello with tiny limits': (attack: Attack) => {
    attack.write(hello({ window: 1, maxChannels: 1, maxPendingRequests: 1, maxHeaderLength: 256 }));
    attack.write(request(1, 'echo'));
  },

  'answers what nobody asked': say(message({ kind: 'response', id: 7, result: 1 })),

  'says close and never ends': say(request(1, 'never'), message({ kind: 'close' })),

  'closes in order': (attack: Attack) => {
    attack.socket.end(Buffer.concat([hello(), request(1, 'echo'), message({ kind: 'close' })]));
  },
};
