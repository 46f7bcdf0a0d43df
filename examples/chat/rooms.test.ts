// Wrong commands about rooms: each is answered with one sentence that says what is wrong, and later lines go
// to the same room as before.

import { describe, expect, test } from 'vitest';
import { onStage } from '../support/stage.ts';
import { Places } from './terminal/places.ts';

const notIn = '! You are not in nowhere; join it first.';
const badName = '! A room is made of letters, digits, emoji, and the signs _ . -';
const tooLong = '! A room may have 16 characters; that one has 17.';
const long = 'x'.repeat(17);

/** Commands that are typed in the lobby, each with the one line that answers it. */
const commands: Readonly<Record<string, string>> = {
  '/room nowhere': '! You are not in nowhere; /join nowhere enters it.',
  '/room a b': '! You are not in a b; /join a b enters it.',
  '/leave nowhere': '! You are not in nowhere.',
  '/history nowhere': notIn,
  '/who nowhere': '* in nowhere on server a: nobody',
  '/names nowhere': '* in nowhere on server a: nobody',
  '/join a b': badName,
  '/leave a b': badName,
  '/history a b': badName,
  '/who a b': badName,
  [`/join ${long}`]: tooLong,
  [`/leave ${long}`]: tooLong,
  '/join lobby': '! You are in lobby already.',
  '/join ＬＯＢＢＹ': '! You are in ＬＯＢＢＹ already.',
  '/room': '! Usage: /room ROOM',
  '/join': '! Usage: /join ROOM',
};

describe('the chat client', () => {
  test('says what is wrong with a room in one sentence, and stays where it is', async () => {
    await onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve('server.ts', ['--name', 'a', '--limit', 'burst=100']);
      const client = stage.start('client.ts', ['--port', port, '--nick', 'anna']);
      await client.line('you are in lobby');
      const answers: string[] = [];
      for (const command of Object.keys(commands)) {
        client.type(`${command}\nsaid\n`);
        await client.line(/\[lobby\] anna: said/);
      }
      client.type('bye\n');
      const { stdout, stderr } = await client.ended;
      const lines = stdout.split('\n');
      const said = lines.flatMap((line, at) => (line.endsWith('said') ? [at] : []));
      said.forEach((at) => answers.push(lines[at - 1] ?? ''));
      expect(answers).toEqual(Object.values(commands));
      // Nothing else was printed than two lines of welcome, an answer and a said line per command, and the
      // end.
      expect(lines.length - 1).toBe(2 + 2 * answers.length + 1);
      expect(stderr).toBe('');
    });
  });

  test('takes lines from a pipe in their order: a room that is being entered counts', async () => {
    await onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve();
      const client = stage.start('client.ts', ['--port', port, '--nick', 'anna']);
      client.type(
        '/join one\n/join two\n1\n/room one\n2\n/room lobby\n3\n/leave\n4\n/leave\n/leave\n5\n',
      );
      client.endInput();
      const { stdout } = await client.ended;
      const said = stdout.match(/\[.*\] anna: .*|! .*/g);
      expect(said).toEqual([
        '[two] anna: 1',
        '[one] anna: 2',
        '[lobby] anna: 3',
        '[two] anna: 4',
        '! You are not in one; join it first.',
      ]);
    });
  });
});

/** The Places of a user who has entered these rooms one after the other. */
function places(...rooms: string[]): Places {
  const [first = '', ...others] = rooms;
  const those = new Places(first);
  those.enter(first);
  for (const room of others) {
    those.ask(room);
    those.enter(room);
  }
  return those;
}

describe('Places', () => {
  test('goes to a room by any spelling of its name, and shows that of the server', () => {
    const those = places('Lobby', 'here');
    expect(those.go('ＬＯＢＢＹ')).toBe(true);
    expect(those.current).toBe('Lobby');
    expect(those.go('there')).toBe(false);
    expect(those.current).toBe('Lobby');
  });

  test('stays when a join is refused, and goes where the user is already', () => {
    const those = places('a', 'b');
    those.go('a');
    those.ask('elsewhere');
    those.refuse();
    expect(those.current).toBe('a');
    those.ask('B');
    those.refuse();
    expect(those.current).toBe('b');
  });

  test('enters its rooms again on a new connection, and talks where it talked', () => {
    const those = places('a', 'b', 'c');
    those.go('a');
    const again = those.begin();
    expect(again).toEqual(['a', 'b', 'c']);
    again.forEach((room) => those.enter(room));
    expect(those.current).toBe('a');
    those.leave('a');
    expect(those.current).toBe('c');
  });

  test('asks for the first room, and for none when all were left', () => {
    const those = new Places('lobby');
    expect(those.begin()).toEqual(['lobby']);
    those.enter('lobby');
    those.leave('lobby');
    expect(those.begin()).toEqual([]);
    expect(those.current).toBe('lobby');
  });
});
