// The endings of docs/connection.md over the pipes of a child process, which have no reset. The child reads
// to the end and reports how many bytes came.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { framed, messageStream } from '../../src/entries/main.ts';
import { peer } from '../../src/entries/peer.ts';
import { hex } from '../support/bytes.ts';

const READER = `let n = 0; process.stdin.on('data', (d) => (n += d.length)).on('end', () => console.error(n));`;

interface Child {
  readonly duplex: Duplex;
  /** Number of bytes that the child had read when its input ended. */
  readonly told: Promise<number>;
}

function readingChild(): Child {
  const child = spawn(process.execPath, ['-e', READER], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const told = once(child.stderr, 'data').then(([text]) => Number(String(text)));
  return { duplex: Duplex.from({ readable: child.stdout, writable: child.stdin }), told };
}

/** Length of one frame with a payload of 4 bytes, which is sent in the tick of the ending. */
const WHOLE = 8;

test.each([
  ['end', WHOLE],
  ['close', WHOLE],
  ['asyncDispose', WHOLE],
  ['destroy', 0],
])('%s of a framed connection: the child reads %i bytes, then the end', async (verb, bytes) => {
  const { duplex, told } = readingChild();
  const connection = framed(duplex);
  void connection.send(hex('6c617374'));
  if (verb === 'end') {
    void connection.end();
  } else if (verb === 'close') {
    await connection.close();
  } else if (verb === 'asyncDispose') {
    await connection[Symbol.asyncDispose]();
  } else {
    connection.destroy();
  }
  expect(await told).toBe(bytes);
});

test.each([
  ['close', true],
  ['destroy', false],
])('%s of a message stream: the child reads the message or nothing', async (verb, isWhole) => {
  const { duplex, told } = readingChild();
  const stream = messageStream(duplex);
  void stream.send({ header: {}, body: 'hi' });
  if (verb === 'close') {
    await stream.close();
  } else {
    stream.destroy();
  }
  expect((await told) > 0).toBe(isWhole);
});

test('destroy of a peer: the child reads the end at once', async () => {
  const { duplex, told } = readingChild();
  peer(duplex).destroy();
  expect(await told).toBeGreaterThanOrEqual(0);
});
