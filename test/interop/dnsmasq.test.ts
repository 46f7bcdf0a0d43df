// dnsmasq over TCP: queries behind a length of two bytes, several on one connection.

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed } from '../../src/entries/main.ts';
import { foreignServer } from './support/foreign-process.ts';
import { SCHEDULES, prove, provingTime, safeAfter, spansOf } from './support/proving.ts';
import { findProgram } from './support/software.ts';

const dnsmasq = findProgram('dnsmasq');
const dns = lengthPrefixed({ prefix: 'u16be' });
const timeToLive = 77;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: number;
}

const typeA = 1;
const typeText = 16;

/** id, flags, counts of questions, answers, authorities, additionals. */
function header(id: number, flags: number, answers: number): Buffer {
  const bytes = Buffer.alloc(12);
  for (const [index, value] of [id, flags, 1, answers].entries()) {
    bytes.writeUInt16BE(value, 2 * index);
  }
  return bytes;
}

function question({ name, type }: Question): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.from(`${String.fromCharCode(Buffer.byteLength(label))}${label}`));
  return Buffer.concat([...labels, Buffer.from([0, 0, type, 0, 1])]);
}

/** A standard query, recursion desired. */
const queryOf = (asked: Question): Buffer =>
  Buffer.concat([header(asked.id, 0x0100, 0), question(asked)]);

/** One record, whose name points to the question's; without content: there is no such name. */
function answerTo(asked: Question, content?: Uint8Array): Buffer {
  if (content === undefined) {
    return Buffer.concat([header(asked.id, 0x8183, 0), question(asked)]);
  }
  const record = Buffer.from([
    0xc0,
    12,
    0,
    asked.type,
    0,
    1,
    0,
    0,
    0,
    timeToLive,
    0,
    content.length,
  ]);
  return Buffer.concat([header(asked.id, 0x8580, 1), question(asked), record, content]);
}

const questions: readonly (Question & { readonly content?: Uint8Array })[] = [
  { id: 0x1234, name: 'example.test', type: typeA, content: Buffer.from([1, 2, 3, 4]) },
  // As many bytes as an id may look like a length.
  { id: 0x0005, name: 'sub.example.test', type: typeA, content: Buffer.from([1, 2, 3, 4]) },
  { id: 0xffff, name: 'words.test', type: typeText, content: Buffer.from('\x06粘包') },
  { id: 0x0000, name: 'absent.test', type: typeA },
];

const frameOf = (payload: Uint8Array): Buffer => Buffer.concat(dns.encode(payload));
const send = questions.map((asked) => frameOf(queryOf(asked)));
const answers = questions.map((asked) => answerTo(asked, asked.content));

describe.skipIf(dnsmasq === undefined)('dnsmasq over TCP (needs dnsmasq-base)', () => {
  const server = foreignServer(({ port, folder }) => ({
    file: dnsmasq ?? '',
    args: [
      '--keep-in-foreground',
      `--port=${port}`,
      '--listen-address=127.0.0.1',
      '--bind-interfaces',
      '--conf-file=/dev/null',
      `--pid-file=${folder}/pid`,
      '--no-resolv',
      '--no-hosts',
      '--user=root',
      `--local-ttl=${timeToLive}`,
      '--address=/example.test/1.2.3.4',
      '--local=/absent.test/',
      '--txt-record=words.test,粘包',
    ],
  }));

  test('answers in frames that the codec splits', async () => {
    const connection = framed(connect(server.port, '127.0.0.1'), dns);
    for (const asked of questions) {
      await connection.send(queryOf(asked));
    }
    const received = [];
    for (const _ of questions) {
      received.push(await connection.receive({ timeout: 60_000 }));
    }
    expect(received).toEqual(answers);
    await connection.end();
  });

  test('answers the same however queries are cut', { timeout: provingTime }, async () => {
    const seen = await prove('dnsmasq', {
      port: server.port,
      send,
      expect: Buffer.concat(answers.map(frameOf)),
      frames: spansOf(send, 2),
    });
    expect(seen).toEqual(safeAfter(SCHEDULES));
  });
});
