// The chat without sockets: one server, and several on one bus.

import { describe, expect, test } from 'vitest';
import { oneServer, Person, servers } from './people.ts';

describe('Chat', () => {
  test('gives a line to everybody in the room, and to nobody else', async () => {
    const chat = await oneServer();
    const ming = new Person(chat, '小明').in('大厅');
    const hong = new Person(chat, '小红').in('大厅');
    const other = new Person(chat, 'other').in('elsewhere');
    expect(ming.news).toEqual(['welcome', 'joined', '小红 entered 大厅']);
    ming.say('大厅', '你好');
    expect([ming.news, hong.news.at(-1)]).toEqual([['大厅 小明: 你好'], '大厅 小明: 你好']);
    expect(other.news).toEqual(['welcome', 'joined']);
  });

  test('lets nobody have a name that somebody has, and names one that is free', async () => {
    const chat = await oneServer();
    const first = new Person(chat, 'Alice');
    const second = new Person(chat, 'ＡＬＩＣＥ');
    expect(second.events[0]).toMatchObject({
      code: 'nick-taken',
      text: expect.stringContaining('ＡＬＩＣＥ2 is free'),
    });
    second.events.length = 0;
    expect(second.do({ type: 'hello', nick: 'alice2' }).news).toEqual(['welcome']);
    first.do({ type: 'bye' });
    expect(new Person(chat, 'alice').news).toEqual(['welcome']);
  });

  test('does nothing for who has not said hello', async () => {
    const stranger = new Person(await oneServer()).in('x').do({ type: 'rooms' });
    stranger.chat.handle(stranger.visitor, undefined);
    expect(stranger.news).toEqual([
      'refused hello-first',
      'refused hello-first',
      'refused not-understood',
    ]);
  });

  test('delivers private messages to one person, says so, and says when not', async () => {
    const chat = await oneServer();
    const ming = new Person(chat, '小明').in('大厅');
    const hong = new Person(chat, '小红').in('大厅');
    const third = new Person(chat, 'third').in('大厅');
    for (const { events } of [ming, hong, third]) {
      events.length = 0;
    }
    ming.do({ type: 'tell', to: '小红', text: '密' }, { type: 'tell', to: 'nobody', text: 'x' });
    expect(ming.news).toEqual(['小明 > 小红: 密', 'refused no-such-user']);
    hong.isReading = false;
    ming.do({ type: 'tell', to: '小红', text: '密' }, { type: 'tell', to: '小明', text: '自' });
    expect(ming.news).toEqual(['refused not-reading', '小明 > 小明: 自']);
    expect([hong.news, third.news]).toEqual([['小明 > 小红: 密'], []]);
  });

  test('shows the last lines to who comes later, also when the room was empty in between', async () => {
    const chat = await oneServer({ historyLength: 2 });
    new Person(chat, 'a').in('r').say('r', '1').say('r', '2').say('r', '3').do({ type: 'bye' });
    const later = new Person(chat, 'b').in('r');
    expect(later.news).toEqual(['welcome', 'joined', 'old r a: 2', 'old r a: 3']);
    expect(later.do({ type: 'history', room: 'r' }).news).toEqual([
      'past',
      'old r a: 2',
      'old r a: 3',
    ]);
  });

  test('keeps to its limits and says which', async () => {
    const chat = await oneServer({ maxUsers: 2, maxRooms: 2, maxRoomsOfUser: 1, maxTextLength: 3 });
    const a = new Person(chat, 'a').in('1').in('2');
    const b = new Person(chat, 'b').in('2');
    const c = new Person(chat, 'c');
    expect(a.say('1', 'abcd').say('2', 'x').in('1').news).toEqual([
      'welcome',
      'joined',
      'refused in-too-many-rooms',
      'refused text-too-long',
      'refused not-in-room',
      'refused already-in-room',
    ]);
    expect(c.news).toEqual(['refused server-full']);
    b.do({ type: 'leave', room: '2' });
    b.events.length = 0;
    expect(b.in('3').news).toEqual(['joined']); // '2' was empty: its place is taken.
    expect(chat.rooms).toBe(2);
    b.do({ type: 'bye' });
    expect([new Person(chat, 'd').in('4').news, chat.users]).toEqual([['welcome', 'joined'], 2]);
  });

  test('does not announce who comes and goes in a large room', async () => {
    const chat = await oneServer({ maxAnnounced: 2 });
    const people = ['a', 'b', 'c', 'd'].map((nick) => new Person(chat, nick).in('r'));
    people[3]?.do({ type: 'bye' });
    expect(people[0]?.news).toEqual(['welcome', 'joined', 'b entered r', 'c entered r']);
  });

  test('tells once that somebody writes too fast', async () => {
    const person = new Person(await oneServer({ burst: 2 }), 'a');
    const waits = Array.from({ length: 4 }, () => person.chat.pace(person.visitor));
    expect(waits).toEqual([0, 0, 100, 200]);
    expect(person.news).toEqual(['welcome', 'notice slow']);
  });
});

describe('Chats on one bus', () => {
  test('share rooms and private messages, and say of a name where it is from', async () => {
    const [a, b] = await servers(['a', 'b']);
    if (a === undefined || b === undefined) {
      throw new Error('two names are two servers');
    }
    const ming = new Person(a, '小明').in('r');
    const hong = new Person(b, '小明').in('r'); // The same name: each server has its own.
    ming
      .say('r', '你好')
      .do({ type: 'tell', to: '小明@b', text: '密' }, { type: 'who', room: 'r' });
    await Promise.resolve();
    expect(ming.news).toEqual([
      'welcome',
      'joined',
      '小明@b entered r',
      'r 小明: 你好',
      'a: 小明',
      'b: 小明',
      '小明 > 小明@b: 密',
    ]);
    expect(hong.news).toEqual(['welcome', 'joined', 'r 小明@a: 你好', '小明@a > 小明: 密']);
  });

  test('remember what was said elsewhere while they ran, in rooms where nobody was', async () => {
    const [a, b] = await servers(['a', 'b']);
    if (a === undefined || b === undefined) {
      throw new Error('two names are two servers');
    }
    new Person(a, 'x').in('r').say('r', '1');
    expect(new Person(b, 'y').in('r').news).toEqual(['welcome', 'joined', 'old r x@a: 1']);
  });

  test('say what became of a private message that did not arrive', async () => {
    const [a, b] = await servers(['a', 'b']);
    if (a === undefined || b === undefined) {
      throw new Error('two names are two servers');
    }
    const ming = new Person(a, '小明');
    new Person(b, 'deaf').isReading = false;
    for (const to of ['nobody@b', 'deaf@b', 'x@c']) {
      ming.do({ type: 'tell', to, text: '?' });
    }
    await Promise.resolve();
    expect(ming.news.slice(1)).toEqual([
      'refused no-such-user',
      'refused not-reading',
      'refused no-such-server',
    ]);
  });

  test('tell their people when the bus is gone and back', async () => {
    const person = new Person(await oneServer(), 'a');
    person.chat.outage(true);
    person.chat.outage(false);
    expect(person.news).toEqual(['welcome', 'notice bus-lost', 'notice bus-back']);
  });

  test('refuse a second server of one name', async () => {
    await expect(servers(['a', 'a'])).rejects.toThrow('choose another --name');
  });
});
