// What tshark says of a capture: the bytes of one TCP stream in both directions, and where its own
// dissector of a protocol finds the messages in them. No code of ours takes part.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hex, join } from '../../support/bytes.ts';
import { findProgram } from './software.ts';

export const tshark: string | undefined = findProgram('tshark');

/** A field of a dissector that tells how long a message is, up to a constant. */
export interface LengthField {
  readonly field: string;
  readonly plus: number;
}

/** One direction of a TCP stream. */
export interface Direction {
  readonly port: string;
  readonly bytes: Uint8Array;
}

const run = promisify(execFile);
/** The JSON of a large capture. */
const maxBuffer = 1 << 28;

async function ask(capture: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(tshark ?? '', ['-r', capture, ...args], { maxBuffer });
  return stdout;
}

/** The bytes of a stream, joined from its segments by tshark: what the first side sent, and the other. */
export async function follow(capture: string, stream: number): Promise<readonly Direction[]> {
  const text = await ask(capture, ['-q', '-z', `follow,tcp,raw,${stream}`]);
  const lines = text.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
  return [...text.matchAll(/^Node [01]: .*:(\d+)$/gm)].map(([, port = ''], side) => {
    const own = lines.filter((line) => line.startsWith('\t') === (side === 1));
    return { port, bytes: join(own.map((line) => hex(line.trim()))) };
  });
}

interface Place {
  readonly capture: string;
  readonly stream: number;
  readonly layer: string;
  readonly port: string;
}

function filterOf({ stream, layer, port }: Place): string {
  return `tcp.stream == ${stream} && tcp.srcport == ${port} && ${layer}`;
}

/** Bytes of an item, and where it lies. An item that occurs once is one of these, else it is a list. */
type RawItem = readonly [bytes: string, ...place: number[]];

function isList(given: RawItem | readonly RawItem[]): given is readonly RawItem[] {
  return Array.isArray(given[0]);
}

/** The messages that a dissector found in one direction, each with its bytes. */
export async function messagesOf(place: Place): Promise<readonly Uint8Array[]> {
  const { capture, layer } = place;
  const args = ['--no-duplicate-keys', '-Y', filterOf(place), '-T', 'jsonraw', '-j', layer];
  const packets: {
    readonly _source: { readonly layers: Readonly<Record<string, RawItem | readonly RawItem[]>> };
  }[] = JSON.parse(await ask(capture, args));
  return packets.flatMap(({ _source }) => {
    const given = _source.layers[`${layer}_raw`] ?? [];
    return (isList(given) ? given : [given]).map(([bytes]) => hex(bytes));
  });
}

/** The lengths of the messages, where the dissector tells them by a field. */
export async function lengthsOf(
  place: Place,
  { field, plus }: LengthField,
): Promise<readonly number[]> {
  const fields = ['-Y', filterOf(place), '-T', 'fields', '-e', field];
  const text = await ask(place.capture, fields);
  return text
    .split(/[\n,]/)
    .filter((word) => word !== '')
    .map((word) => Number(word) + plus);
}
