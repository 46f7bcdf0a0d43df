// Golden frames of every row of `formats`: bytes from specifications, from the wire, from tests of other
// projects, and from the recorded streams. No code of ours made them.

import { FAMILIES, ROWS } from '../../src/codec/formats/formats.ts';
import type { Families, Formats } from '../../src/codec/formats/formats.ts';
import type { Codec } from '../../src/codec/codec.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { toLengthPrefixed } from '../../src/framing/codecs.ts';
import { framing } from '../../src/framing/framing.ts';
import { hex, join } from './bytes.ts';
import { databases } from './format-vectors/databases.ts';
import { files } from './format-vectors/files.ts';
import { health } from './format-vectors/health.ts';
import { industrial } from './format-vectors/industrial.ts';
import { messaging } from './format-vectors/messaging.ts';
import { network } from './format-vectors/network.ts';
import { peers } from './format-vectors/peers.ts';
import { rpc } from './format-vectors/rpc.ts';
import { telecom } from './format-vectors/telecom.ts';
import { tools } from './format-vectors/tools.ts';
import type { FrameValue } from './slow-write.ts';
import { load } from './vectors.ts';

export type FormatName = keyof Formats;

const VECTORS: Readonly<Record<keyof Families, Readonly<Record<string, readonly string[]>>>> = {
  databases,
  messaging,
  rpc,
  network,
  telecom,
  industrial,
  health,
  files,
  tools,
  peers,
};

/** Names of the rows, in the order of the table. */
export const FORMAT_NAMES = Object.keys(ROWS) as FormatName[];

/** Golden frames that stand in another family than their row, or belong to no row. */
export const MISPLACED: readonly string[] = Object.entries(VECTORS).flatMap(([family, vectors]) =>
  Object.keys(vectors).filter((name) => !Object.hasOwn(FAMILIES[family as keyof Families], name)),
);

/** The golden frames of a row, as they are written. */
export function vectorsOf(name: FormatName): readonly string[] {
  const found = Object.values(VECTORS).flatMap((vectors) =>
    Object.hasOwn(vectors, name) ? (vectors[name] ?? []) : [],
  );
  return found;
}

/** The bytes of a golden frame. */
export function frameBytes(vector: string): Uint8Array {
  return hex((vector.split('=>')[0] ?? '').replaceAll('|', ''));
}

/** The golden frames of a row, as bytes. */
export function framesOf(name: FormatName): readonly Uint8Array[] {
  return vectorsOf(name).map(frameBytes);
}

/** The options of a row whose codec is lengthPrefixed, with the values that its names stand for. */
export function optionsOf(name: FormatName): LengthPrefixedOptions | undefined {
  const row = ROWS[name];
  return row.codec === 'lengthPrefixed' ? toLengthPrefixed(row) : undefined;
}

/** The codec of a row. Which values it takes is known at run time only. */
export function codecOfRow(name: FormatName, overrides: object = {}): Codec<FrameValue> {
  const codec: unknown = framing(ROWS[name], overrides);
  return codec as Codec<FrameValue>;
}

/** The value that one golden frame stands for. */
export function valueOf(name: FormatName, vector: string): FrameValue {
  const [, payloadOf] = vector.split('=>');
  if (payloadOf !== undefined) {
    return hex(payloadOf);
  }
  const [before = '', , after = '', payload = '', trailer = ''] = vector.split('|');
  const options = optionsOf(name);
  const own = Object.entries({ before, after, trailer }).filter(
    ([part]) => typeof options?.[part as 'before'] === 'number',
  );
  if (options?.deliver === 'frame') {
    return frameBytes(vector);
  }
  if (own.length === 0) {
    return hex(payload);
  }
  return {
    payload: hex(payload),
    ...Object.fromEntries(own.map(([part, bytes]) => [part, hex(bytes)])),
  };
}

/** Where a recorded stream is one row from its first byte on. */
export const RECORDED: Readonly<Partial<Record<FormatName, string>>> = {
  chromeNativeMessaging: 'chrome-native-messaging',
  dnsOverTcp: 'dns-tcp-0-s2c',
  erlangPacket1: 'erlang-packet-1-s2c',
  erlangPacket4: 'erlang-packet-4-c2s',
  grpc: 'grpc-messages-identity',
  postgres: 'postgres-simple-query-server',
  pythonMultiprocessing: 'python-mp-connection-c2s',
};

/** The bytes of a recorded stream. */
export function recorded(name: string): Uint8Array {
  const captures = load('captures.json', 'captures') as readonly {
    readonly name: string;
    readonly chunks: readonly string[];
  }[];
  const { chunks } = captures.find((one) => one.name === name) ?? {};
  if (chunks === undefined) {
    throw new Error(`nothing was recorded as ${name}`);
  }
  return join(chunks.map((chunk) => Buffer.from(chunk, 'hex')));
}
