// Golden frames of every row of `formats`: bytes from specifications, from the wire, from tests of other
// projects, and from the recorded streams. None was made by our code.

import { FAMILIES, ROWS } from '../../src/codec/formats/formats.ts';
import type { Families, Formats } from '../../src/codec/formats/formats.ts';
import type { Codec } from '../../src/codec/codec.ts';
import type { NumberDescription } from '../../src/codec/formats/framing-types.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { Checksum } from '../../src/codec/sections.ts';
import { toLengthPrefixed } from '../../src/framing/codecs.ts';
import { framing } from '../../src/framing/framing.ts';
import { hex, join, toHex } from './bytes.ts';
import { databases } from './format-vectors/databases.ts';
import { files } from './format-vectors/files.ts';
import { finance } from './format-vectors/finance.ts';
import { health } from './format-vectors/health.ts';
import { industrial } from './format-vectors/industrial.ts';
import { messaging } from './format-vectors/messaging.ts';
import { meters } from './format-vectors/meters.ts';
import { network } from './format-vectors/network.ts';
import { peers } from './format-vectors/peers.ts';
import { rpc } from './format-vectors/rpc.ts';
import { serial } from './format-vectors/serial.ts';
import { telecom } from './format-vectors/telecom.ts';
import { tools } from './format-vectors/tools.ts';
import { trackers } from './format-vectors/trackers.ts';
import { vehicles } from './format-vectors/vehicles.ts';
import type { FrameValue } from './slow-write.ts';
import { load } from './vectors.ts';

export type FormatName = keyof Formats;

const VECTORS: Readonly<Record<keyof Families, Readonly<Record<string, readonly string[]>>>> = {
  trackers,
  meters,
  industrial,
  vehicles,
  serial,
  finance,
  databases,
  messaging,
  rpc,
  network,
  telecom,
  health,
  files,
  tools,
  peers,
};

/** Names of the rows, in the order of the table. */
export const FORMAT_NAMES = Object.keys(ROWS) as FormatName[];

/** Names of golden frames that stand in another family than their row, or for which there is no row. */
export const MISPLACED: readonly string[] = Object.entries(VECTORS).flatMap(([family, vectors]) =>
  Object.keys(vectors).filter((name) => !Object.hasOwn(FAMILIES[family as keyof Families], name)),
);

/**
 * The golden frames of a row, in their notation: `before|prefix|after|payload|trailer`, or `hex=>payload`.
 */
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

/** The codec of a row. The type of its values is known at run time only. */
export function codecOfRow(name: FormatName, overrides: object = {}): Codec<FrameValue> {
  const codec: unknown = framing(ROWS[name], overrides);
  return codec as Codec<FrameValue>;
}

/** The bytes of a section that the caller chooses; `undefined` if it has none. */
function ownBytes(given: unknown, bytes: Uint8Array): Uint8Array | undefined {
  const pieces: readonly unknown[] = Array.isArray(given) ? given : [given ?? 0];
  let at = 0;
  const own = pieces.flatMap((piece) => {
    const length = lengthOfPiece(piece);
    at += length;
    return typeof piece === 'number' && piece > 0 ? [bytes.subarray(at - length, at)] : [];
  });
  return own.length === 0 ? undefined : join(own);
}

function lengthOfPiece(piece: unknown): number {
  if (typeof piece === 'number') {
    return piece;
  }
  if (typeof piece === 'string') {
    return hex(piece).length;
  }
  const { checksum } = piece as { readonly checksum?: Checksum };
  return checksum?.length ?? 0;
}

/** The flags of a masked prefix: its bits outside of the mask. */
function flagsOf({ type, mask }: NumberDescription, prefix: string): number {
  const digits = type.endsWith('le') ? hex(prefix).toReversed() : hex(prefix);
  return (
    Number.parseInt(toHex(digits), 16) -
    (Number.parseInt(toHex(digits), 16) & Number.parseInt(mask ?? '', 16))
  );
}

/** The value that one golden frame stands for. */
export function valueOf(name: FormatName, vector: string): FrameValue {
  const [, payloadOf] = vector.split('=>');
  if (payloadOf !== undefined) {
    return hex(payloadOf);
  }
  const [before = '', prefix = '', after = '', payload = '', trailer = ''] = vector.split('|');
  const options = optionsOf(name);
  if (options?.deliver === 'frame') {
    return frameBytes(vector);
  }
  if (options?.deliver !== 'parts') {
    return hex(payload);
  }
  const given = { before, after, trailer };
  const own = (['before', 'after', 'trailer'] as const).flatMap((part) => {
    const bytes = ownBytes(options[part], hex(given[part]));
    return bytes === undefined ? [] : [[part, bytes] as const];
  });
  const row = ROWS[name];
  const masked =
    row.codec === 'lengthPrefixed' && typeof row.prefix === 'object' && 'mask' in row.prefix
      ? row.prefix
      : undefined;
  return {
    payload: hex(payload),
    ...Object.fromEntries(own),
    ...(masked === undefined ? {} : { flags: flagsOf(masked, prefix) }),
  };
}

/** Rows for which a recorded stream has frames of this row alone, from its first byte on. */
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
  return join(recordedChunks(name));
}

/** The chunks of a recorded stream, as they were read. */
export function recordedChunks(name: string): readonly Uint8Array[] {
  const captures = load('captures.json', 'captures') as readonly {
    readonly name: string;
    readonly chunks: readonly string[];
  }[];
  const { chunks } = captures.find((one) => one.name === name) ?? {};
  if (chunks === undefined) {
    throw new Error(`captures.json has no stream named ${name}`);
  }
  return chunks.map((chunk) => Buffer.from(chunk, 'hex'));
}
