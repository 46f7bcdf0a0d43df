// The chat without sockets, under any commands of any users.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../protocol.ts';
import { Person, servers } from './people.ts';

describe('Any commands of anybody', () => {
  const room = fc.constantFrom('r', 's', '大厅', 'no room');
  const nick = fc.constantFrom('a', 'A', '小明', '😀', 'b', '', 'x@y');
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('line'));
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({ type: fc.constant('hello' as const), nick }),
    fc.record({ type: fc.constant('join' as const), room }),
    fc.record({ type: fc.constant('leave' as const), room }),
    fc.record({ type: fc.constant('say' as const), room, text }),
    fc.record({
      type: fc.constant('tell' as const),
      to: fc.oneof(nick, fc.constant('a@two')),
      text,
    }),
    fc.record({ type: fc.constant('who' as const), room }),
    fc.record({ type: fc.constant('history' as const), room }),
    fc.constant<Command>({ type: 'rooms' }),
    fc.constant<Command>({ type: 'bye' }),
  );

  test('leave one name to one person, and one order of lines to everybody on a server', async () => {
    const steps = fc.array(fc.tuple(fc.nat(5), command), { maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const chats = await servers(['one', 'two'], { maxRooms: 3 });
        const people = Array.from({ length: 6 }, (_, index) => {
          const chat = chats[index % 2];
          if (chat === undefined) {
            throw new Error('two names are two servers');
          }
          return new Person(chat);
        });
        for (const [index, one] of all) {
          people[index]?.do(one);
        }
        await Promise.resolve();
        for (const chat of chats) {
          const here = people.filter((person) => person.chat === chat);
          const keys = here.flatMap(({ visitor }) => visitor.name?.key ?? []);
          expect(new Set(keys).size).toBe(keys.length);
          expect(chat.users).toBe(keys.length);
          expect(chat.rooms).toBeLessThanOrEqual(3);
          expectOneOrder(here);
        }
      }),
    );
  });
});

/**
 * Checks that any two people saw their common lines in the same order. An event is the same object for all.
 */
function expectOneOrder(people: readonly Person[]): void {
  const heard = people.map(({ events }) =>
    events.filter((event) => event.type === 'said' && !event.old),
  );
  for (const one of heard) {
    for (const other of heard) {
      const [inOne, inOther] = [new Set(one), new Set(other)];
      expect(one.filter((event) => inOther.has(event))).toEqual(
        other.filter((event) => inOne.has(event)),
      );
    }
  }
}
