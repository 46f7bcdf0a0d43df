// The echo server and its client as processes: the scene, many clients, and clients that misbehave.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { untold } from '../support/readme.ts';
import { onStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import { play } from './scene.ts';

function played(scene: (stage: Stage) => Promise<void>): () => Promise<number> {
  return () => onStage(import.meta.url, scene);
}

/** Resolves when the socket has closed, for whatever reason. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** Sends all words as one client. Returns the answers. */
async function converse(port: number, words: readonly string[]): Promise<string[]> {
  const server = framed(connect(port, '127.0.0.1'));
  const sent = Promise.all(words.map((word) => server.send(Buffer.from(word))));
  const answers: string[] = [];
  for await (const answer of server) {
    answers.push(String(answer));
    if (answers.length === words.length) {
      await server.close();
    } // No more answers will come.
  }
  await sent;
  return answers;
}

/** Sends bytes that are no message, and waits until the server has ended the connection. */
async function misbehave(port: number, bytes: Uint8Array | string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.resume().on('error', () => undefined); // The server resets it, so that it does not look like an end.
  socket.end(bytes);
  await closed(socket);
}

describe('echo', () => {
  test('plays its scene, and all of it holds, as its README says', async () => {
    const printed: string[] = [];
    const print = (line: string): void => void printed.push(line);
    expect(await onStage(import.meta.url, play, { print })).toBe(13);
    expect(untold(import.meta.url, printed)).toEqual([]);
  });

  test(
    'answers a hundred clients at once, each in order',
    played(async (stage) => {
      const { port } = await stage.serve();
      const clients = Array.from({ length: 100 }, (_, client) =>
        Array.from({ length: 20 }, (_word, word) => `${client} says ${word}`),
      );
      const answers = await Promise.all(clients.map((words) => converse(port, words)));
      const loud = clients.map((words) => words.map((word) => word.toUpperCase()));
      expect(answers).toEqual(loud);
    }),
  );

  test(
    'says why it cut a client off, and goes on with the others',
    played(async (stage) => {
      const { server, port } = await stage.serve();
      const client = stage.start('client.ts', ['--port', port]);
      await client.line('connected');
      await misbehave(port, Buffer.from('00000009 6869'.replace(' ', ''), 'hex'));
      await server.line('cut off: The input ended inside a frame, after 6 of its 13 bytes');
      await misbehave(port, 'GET / HTTP/1.1\r\n\r\n');
      await server.line(/cut off: .*is the remote speaking HTTP\?/);
      await misbehave(port, Buffer.from('00010001', 'hex'));
      await server.line(/cut off: Frame length 65537 exceeds maxPayloadLength 65536/);
      client.type('still there?\n');
      const [answer] = await client.line(/^STILL.*/);
      expect(answer).toBe('STILL THERE?');
    }),
  );

  test(
    'goes on when a client is killed',
    played(async (stage) => {
      const { server, port } = await stage.serve();
      const killed = stage.start('client.ts', ['--port', port]);
      await killed.line('connected');
      killed.child.kill('SIGKILL');
      await server.line(/client 1 (left|was cut off)/);
      expect(await converse(port, ['next'])).toEqual(['NEXT']);
    }),
  );

  test(
    'gives a client whose input is over the answers that are due',
    played(async (stage) => {
      const { port } = await stage.serve();
      const client = stage.start('client.ts', ['--port', port]);
      const lines = Array.from({ length: 5000 }, (_, line) => `line ${line}`);
      client.type(lines.join('\n'));
      client.endInput();
      const { code, stdout } = await client.ended;
      expect(code).toBe(0);
      expect(stdout.split('\n').slice(1, -2)).toEqual(lines.map((line) => line.toUpperCase()));
    }),
  );

  test(
    'ends its client in a word when it ends',
    played(async (stage) => {
      const { server, port } = await stage.serve();
      const client = stage.start('client.ts', ['--port', port]);
      await client.line('connected');
      await server.end();
      const { code, stdout } = await client.ended;
      expect(stdout).toContain('the server has ended the connection');
      expect(code).toBe(0);
    }),
  );

  test(
    'refuses wrong arguments with exit code 2',
    played(async (stage) => {
      const starts = [
        stage.start('server.ts', ['--port', 'many']),
        stage.start('client.ts', ['--prot', '1']),
        stage.start('client.ts', ['--port', '70000']),
      ];
      const endings = await Promise.all(starts.map((program) => program.ended));
      expect(endings.map(({ code }) => code)).toEqual([2, 2, 2]);
      for (const { stderr } of endings) {
        expect(stderr.trim().split('\n')).toHaveLength(1);
      }
    }),
  );
});
