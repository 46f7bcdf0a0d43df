// Redis: commands as RESP arrays of binary bulk strings, inline commands, pipelines, and a value larger
// than its read buffer.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../support/bytes.ts';
import { resp } from '../support/kit/resp.ts';
import type { Resp } from '../support/kit/resp.ts';

import { Exchange } from './support/exchange.ts';
import { accepts, foreignServer } from './support/foreign-process.ts';
import { SCHEDULES, prove, provingTime, safeAfter } from './support/proving.ts';
import { framesUnderCuts } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';
import { freePort } from '../support/free-port.ts';

const redis = findProgram('redis-server');

/** `*2 $4 ECHO $2 hi`: a command as an array of bulk strings, each behind its length in bytes. */
function command(...words: readonly (string | Uint8Array)[]): Buffer {
  const parts = words.flatMap((word) => {
    const bytes = Buffer.from(word);
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]);
}

const bulk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);

/** Every byte there is, and what a careless parser takes for the end of a command. */
const binary = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
  Buffer.from('\r\n$3\r\n*1\r\n'),
]);
const name = '键:世界';

const words = (...given: readonly string[]): Resp => given.map((each) => utf8(each));

describe.skipIf(redis === undefined)('Redis (needs redis-server)', () => {
  const server = foreignServer(({ port, folder }) => ({
    file: redis ?? '',
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
  }));

  test(
    'answers the same however a pipeline of commands is cut',
    { timeout: provingTime },
    async () => {
      const send = [
        command('SET', name, binary),
        command('GET', name),
        command('SET', 'count', '41'),
        Buffer.from('INCR count\r\n'),
        command('MGET', name, 'missing', 'count'),
        command('DEL', name, 'count'),
        command('NO SUCH COMMAND', ''),
        Buffer.from('PING\r\n'),
      ];
      const expected = Buffer.concat([
        Buffer.from('+OK\r\n'),
        bulk(binary),
        Buffer.from('+OK\r\n:42\r\n*3\r\n'),
        bulk(binary),
        Buffer.from('$-1\r\n$2\r\n42\r\n:2\r\n'),
        Buffer.from("-ERR unknown command 'NO SUCH COMMAND', with args beginning with: '' \r\n"),
        Buffer.from('+PONG\r\n'),
      ]);
      const seen = await prove('redis, pipeline', { port: server.port, send, expect: expected });
      expect(seen).toEqual(safeAfter(SCHEDULES));
    },
  );

  test(
    'answers the same however a value larger than its read buffer is cut',
    { timeout: provingTime },
    async () => {
      const large = Buffer.alloc(100_000, '粘包\r\n');
      const send = [command('SET', 'large', large), command('GET', 'large'), command('PING')];
      const expected = Buffer.concat([
        Buffer.from('+OK\r\n'),
        bulk(large),
        Buffer.from('+PONG\r\n'),
      ]);
      const seen = await prove('redis, 100 kB', {
        port: server.port,
        send,
        expect: expected,
        runs: SCHEDULES,
      });
      expect(seen).toEqual(safeAfter(SCHEDULES));
    },
  );

  test(
    'is started anew for each schedule by a command, and is gone afterwards',
    { timeout: provingTime },
    async () => {
      const port = await freePort();
      const spawn = `exec '${redis}' --port ${port} --bind 127.0.0.1 --dir /tmp --save ''`;
      // Right for a new server alone: the value counts up.
      const send = Buffer.from('INCR count\r\nGET count\r\n');
      const expected = Buffer.from(':1\r\n$1\r\n1\r\n');
      const proof = { port, spawn, fresh: 'process', send, expect: expected, runs: 10 } as const;
      expect(await prove('redis, started anew', proof)).toEqual(safeAfter(10));
      expect(await accepts(port)).toBe(false);
    },
  );

  test('answers commands that the codec of docs/kit.md encodes', async () => {
    const talk = await Exchange.open(server.port, resp);
    const script = 'return {1, {"two", {3, false}}, {ok="fine"}, {err="bad"}}';
    const long = 'x'.repeat(100_000);
    talk.send(
      [utf8('SET'), utf8(name), binary],
      words('GET', name),
      words('GET', 'missing'),
      words('KEYS', 'no*'),
      words('EVAL', script, '0'),
      words('INCR', name),
      words('ECHO', long),
    );
    const nested: Resp = [utf8('two'), [3n, null]];
    const answers: Resp[] = [
      { simple: 'OK' },
      new Uint8Array(binary),
      null,
      [],
      [1n, nested, { simple: 'fine' }, { error: 'bad' }],
      { error: 'ERR value is not an integer or out of range' },
      utf8(long),
    ];
    for (const answer of answers) {
      expect(bytesOnly(await talk.next())).toEqual(answer);
    }
    expect(framesUnderCuts(resp, talk.close())).toHaveLength(answers.length);
  });
});

/** The same value with arrays of its own memory: what a Buffer is besides its bytes does not count. */
function bytesOnly(value: Resp): Resp {
  if (value instanceof Uint8Array) {
    return new Uint8Array(value);
  }
  return Array.isArray(value) ? value.map(bytesOnly) : value;
}
