// What a few users, or a stranger on the bus, cannot do to the other users.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Note } from '../bus/notes.ts';
import type { ChatEvent } from '../protocol.ts';
import { Chat } from './chat.ts';
import { isFit } from './fit.ts';
import { defaultLimits } from './limits.ts';
import type { Visitor } from './visitor.ts';

interface Person {
  readonly visitor: Visitor;
  readonly events: ChatEvent[];
}

function newChat(outcome?: 'not-sent'): Chat {
  const bus = { publish: () => undefined, ask: () => Promise.resolve(outcome) };
  return new Chat({ server: 'a', limits: defaultLimits, bus, now: () => 0 });
}

function person(chat: Chat, nick: string): Person {
  const events: ChatEvent[] = [];
  const offer = (event: ChatEvent): boolean => events.push(event) > 0;
  const visitor = chat.arrive({ offer, answer: (event) => void events.push(event) });
  chat.handle(visitor, { type: 'hello', nick });
  return { visitor, events };
}

describe('rooms', () => {
  test('cannot be taken from the others by a few, however many each opens', () => {
    const chat = newChat();
    const few = Array.from({ length: 20 }, (_, at) => person(chat, `u${at}`));
    few.forEach(({ visitor }, at) => {
      for (let room = 0; room < 10; room++) {
        chat.handle(visitor, { type: 'join', room: `r${at}-${room}` });
      }
    });
    const pair = [person(chat, 'anna'), person(chat, 'ben')];
    for (const { visitor, events } of pair) {
      chat.handle(visitor, { type: 'join', room: 'lobby' });
      expect(events.at(-1)).toMatchObject({ type: 'joined', room: 'lobby' });
    }
    expect(chat.rooms).toBe(200);
    const told = few.flatMap(({ events }) => events.filter(({ type }) => type === 'left'));
    expect(told).toEqual([{ type: 'left', room: 'r0-0', nick: 'u0', why: 'crowded' }]);
  });

  test('are not taken from those who have no more than the newcomer', () => {
    const chat = newChat();
    for (let at = 0; at < 200; at++) {
      chat.handle(person(chat, `u${at}`).visitor, { type: 'join', room: `r${at}` });
    }
    const late = person(chat, 'late');
    chat.handle(late.visitor, { type: 'join', room: 'another' });
    expect(late.events.at(-1)).toMatchObject({ type: 'refused', code: 'too-many-rooms' });
  });
});

describe('the bus', () => {
  const said = {
    type: 'said',
    server: 'b',
    room: 'lobby',
    from: 'anna',
    at: 0,
    text: 'hi',
  } as const;
  const tell = { type: 'tell', server: 'b', from: 'anna', to: 'ben', at: 0, text: 'hi' } as const;
  const members = {
    type: 'members',
    server: 'b',
    nick: 'ben',
    room: 'r',
    count: 2,
    text: 'x\ny',
  } as const;

  test.each<readonly [string, Note]>([
    ['a line', said],
    ['a message', tell],
    ['a list', members],
    ['who comes', { type: 'entered', server: 'b', room: 'lobby', nick: 'anna' }],
  ])('passes on %s that fits', (_name, note) => {
    expect(isFit(note, defaultLimits)).toBe(true);
  });

  test.each<readonly [string, Note]>([
    ['a server that is no name', { ...said, server: 'x\n\u001b[31m' }],
    ['a nickname with an escape', { ...said, from: 'anna\u001b[2J' }],
    ['a time that is none', { ...said, at: 1e300 }],
    ['a text that is too long', { ...said, text: 'y'.repeat(500_000) }],
    ['a text with an escape', { ...said, text: '\u001b[2J' }],
    ['a message with an escape', { ...tell, text: '\u001b[2J' }],
    ['a reader that is no name', { ...tell, to: 'a b' }],
    ['a list that is too long', { ...members, count: 1e6, text: 'x\n'.repeat(1e6) }],
    ['a list of another length', { ...members, count: 3 }],
    ['a list of no names', { ...members, text: 'x\n\u202e' }],
    ['a long reason', { type: 'left', server: 'b', room: 'r', nick: 'n', why: 'w'.repeat(1000) }],
  ])('does not pass on %s', (_name, note) => {
    const chat = newChat();
    const { visitor, events } = person(chat, 'ben');
    chat.handle(visitor, { type: 'join', room: 'lobby' });
    const before = events.length;
    chat.hear(note);
    expect(chat.answer(note)).toBe('not-understood');
    expect(events).toHaveLength(before);
  });

  test('passes on what a server of this version sends, whatever users say', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(text, text, text, (nick, room, line) => {
        const notes: Note[] = [];
        const bus = { publish: (note: Note) => void notes.push(note), ask: async () => undefined };
        const chat = new Chat({ server: 'a', limits: defaultLimits, bus, now: () => 1 });
        const { visitor } = person(chat, nick);
        chat.handle(visitor, { type: 'join', room });
        chat.handle(visitor, { type: 'say', room, text: line });
        expect(notes.every((note) => isFit(note, defaultLimits))).toBe(true);
      }),
    );
  });

  test('out of reach: the sender learns that the message was not sent', async () => {
    const chat = newChat('not-sent');
    const { visitor, events } = person(chat, 'anna');
    chat.handle(visitor, { type: 'tell', to: 'ben@b', text: 'hi' });
    await Promise.resolve();
    expect(events.at(-1)).toMatchObject({ type: 'refused', code: 'not-sent' });
  });
});

test('a ping is answered, before the hello as well', () => {
  const events: ChatEvent[] = [];
  const chat = newChat();
  const visitor = chat.arrive({ offer: () => true, answer: (event) => void events.push(event) });
  chat.handle(visitor, { type: 'ping' });
  expect(events).toEqual([{ type: 'pong' }]);
});
