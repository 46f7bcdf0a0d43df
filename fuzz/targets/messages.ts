// Invariant: however a stream is cut, messages() and messageParts() return the same messages, then the same
// error at the same offset, or none. They throw only ProtocolErrors. Both agree about the same stream.

import { ok, strictEqual } from 'node:assert';
import { messageParts } from '../../src/message/message-parts.ts';
import type { MessagePart } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import type { Message } from '../../src/message/messages.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import type { MessageOptions } from '../../src/message/message-layout.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { cutsOf, hear, hearAllWays, latin1, place } from './deliveries.ts';
import type { Hearing } from './deliveries.ts';
import { Choices, concat, randomBytes, streamOf } from './target.ts';
import type { Target } from './target.ts';

/** `options (5) | flags (1) | seed of the cuts (4) | the stream`. */
interface MessageCase {
  readonly options: MessageOptions;
  readonly skips: boolean;
  readonly seed: number;
  readonly stream: Uint8Array;
}

function messageOptions(choices: Choices): MessageOptions {
  return {
    prefix: choices.pick(['u32be', 'i32le', 'u8', 'u16be', 'varint', 'u64le'] as const),
    bodyLengthKey: choices.pick(['bodyLength', 'total_size', 'n', 'toString'] as const),
    maxHeaderLength: choices.pick([64 * 1024, 2, 40, 200]),
    // A streamed body may be longer than memory, but not longer than a case.
    maxBodyLength: choices.pick([16 * 1024 * 1024, 0, 5, 64, 2 ** 53 - 1]),
    ...(choices.below(4) === 0 ? { parseHeader: refuseEvil } : {}),
  };
}

function refuseEvil(header: JsonObject): JsonObject {
  if ('evil' in header) {
    throw new RangeError('evil');
  }
  return header;
}

function parseCase(bytes: Uint8Array): MessageCase {
  const choices = new Choices(bytes);
  const options = messageOptions(choices);
  const flags = choices.byte();
  const seed = choices.seed();
  return { options, skips: flags % 2 === 1, seed, stream: streamOf(flags, choices.rest()) };
}

function schedule(bytes: Uint8Array): Schedule {
  const { seed, stream } = parseCase(bytes);
  return cutsOf(seed, stream);
}

// The cast is safe: the decoder's values are messages, but the targets share functions that take `unknown`.
const showMessage = (value: unknown): string => {
  const { header, body } = value as Message;
  return `${JSON.stringify(header)} ${body.length}:${latin1(body)}`;
};

function showPart(value: unknown): string {
  const part = value as MessagePart;
  if (part.kind === 'head') {
    return `head ${JSON.stringify(part.header)} ${part.bodyLength}`;
  }
  if (part.kind === 'body') {
    ok(part.bytes.length > 0, 'a part of a body has bytes');
  }
  return part.kind === 'body' ? `body ${Buffer.from(part.bytes).toString('hex')}` : 'end';
}

/** Joins the parts of one body on one line. */
function tidy(said: string): string {
  return said.replaceAll(/(?<=\nbody [0-9a-f]+)\nbody /g, '');
}

/** The messages that the parts make. A message without its end is left out. */
function assembled(said: string): string {
  const found = tidy(said).matchAll(/^(?:head (.*) \d+\n(?:body ([0-9a-f]*)\n)?end|(skip .*))$/gm);
  return [...found]
    .map(([, header, body = '', skip]) => {
      if (skip !== undefined) {
        return `${skip}\n`;
      }
      const bytes = Buffer.from(body, 'hex');
      return `${header} ${bytes.length}:${latin1(bytes)}\n`;
    })
    .join('');
}

function endOf({ error }: Hearing): string {
  return error === undefined ? 'clean' : place(error);
}

function fuzzMessages(bytes: Uint8Array): void {
  const { options, skips, seed, stream } = parseCase(bytes);
  const cuts = cutsOf(seed, stream);
  const whole = hearAllWays(messages(options), stream, { skips, cuts, show: showMessage });
  const parts = hear(messageParts(options), [stream], { skips, show: showPart });
  ok(latin1(stream).endsWith(whole.rest), 'what is left is the end of the stream');
  strictEqual(assembled(parts.said), whole.said, 'the parts make other messages');
  strictEqual(endOf(parts), endOf(whole), 'the parts end otherwise');
}

/**
 * The same invariant for messageParts() alone: all deliveries give the same, when the parts of a body are
 * joined.
 */
function fuzzParts(bytes: Uint8Array): void {
  const { options, skips, seed, stream } = parseCase(bytes);
  const cuts = cutsOf(seed, stream);
  const parts = hearAllWays(messageParts(options), stream, { skips, cuts, show: showPart, tidy });
  ok(latin1(stream).endsWith(parts.rest), 'what is left is the end of the stream');
}

function sample(source: Random): Uint8Array {
  const head = randomBytes(source, 10);
  const { options } = parseCase(head);
  const codec = messages({ ...options, maxHeaderLength: 1000, maxBodyLength: 1000 });
  const wire = Array.from({ length: source.below(4) }, (_, id) => {
    const body = randomBytes(source, source.pick([0, 1, 4, 5, 6, source.below(40)]));
    const header = source.pick<JsonObject>([{}, { id }, { id, evil: true }, { text: '粘包 "\\' }]);
    return concat(...codec.encode({ header, body }));
  });
  return concat(head, ...wire);
}

const common = { sample, schedule, dictionary: 'messages' };

export const wholeMessages: Target = { ...common, name: 'messages', fuzz: fuzzMessages };
export const partsOfMessages: Target = { ...common, name: 'message-parts', fuzz: fuzzParts };
