// Streams of real programs with the frames in them: from the captures of Debian's ndpi and wireshark sources.
// Each row says which conversation of which file has which framing; where its length stands follows from that.

import { basename } from 'node:path';
import { ROWS } from '../../../src/codec/formats/formats.ts';
import type { Spots } from '../../../src/framing/codecs.ts';
import { spotsOf } from '../../../src/framing/framing.ts';
import { FrameScanner } from '../../../src/framing/frame-scanner.ts';
import { parseFraming } from '../../../src/framing/words.ts';
import { RECORDED, recordedChunks } from '../../support/format-vectors.ts';
import { capturePaths, readCapture } from './captures.ts';

interface Row {
  readonly protocol: string;
  readonly file: string;
  readonly port: number;
  readonly frames: string;
  /** Offset and width of the length in a frame. */
  readonly length: readonly [number, number];
  /** Number of first segments that belong to a handshake. */
  readonly skipped: number;
}

/**
 * The protocol, its capture and port, its framing as on the command line, where its length stands, and the number
 * of segments of a handshake.
 */
const CAPTURED: readonly Row[] = [
  ['AMQP 0-9-1', 'amqp.pcap', 5672, 'amqp091', 3, 4],
  ['Bitcoin', 'bitcoin.pcap', 8333, 'bitcoin', 16, 4, 2],
  ['Cassandra', 'cassandra.pcap', 9042, 'cassandra', 5, 4],
  ['DRDA', 'drda_db2.pcap', 50_000, 'drda', 0, 2],
  ['EtherNet/IP', 'ethernetIP.pcap', 44_818, 'enip', 2, 2],
  ['FPM', 'segmented_fpm.pcap', 2620, 'u16be@2+0', 2, 2],
  ['HTTP/2', 'packet-h2-14_headers.pcapng', 3000, 'http2', 0, 3],
  ['IEC 60870-5-104', 'iec60780-5-104.pcap', 2404, 'iec104', 1, 1],
  ['Modbus', 'modbus.pcap', 502, 'modbusTcp', 4, 2],
  ['MQTT', 'coap_mqtt.pcap', 17_501, 'mqtt', 1, 1],
  ['NetBIOS sessions', 'smb_deletefile.pcap', 445, 'directTcpSmb', 1, 3],
  ['OpenVPN', 'openvpn.pcap', 443, 'openvpnTcp', 0, 2],
  ['S7comm', 's7comm.pcap', 102, 'tpkt', 2, 2],
  ['TDS', 'mssql_tds.pcap', 1433, 'tds', 2, 2],
  ['LOCO', 'KakaoTalk_chat.pcap', 8080, 'chromeNativeMessaging', 0, 4],
  ['NetPerfMeter', 'netperfmeter.pcapng.gz', 9000, 'u16be@2+0', 2, 2],
  ['WhatsApp', 'wa_voice.pcap', 5222, 'u24be', 0, 3],
  ['TLS', '443-firefox.pcap', 443, 'tlsRecord', 3, 2],
].map(([protocol, file, port, frames, at, width, skipped = 0]) => ({
  protocol: String(protocol),
  file: String(file),
  port: Number(port),
  frames: String(frames),
  length: [Number(at), Number(width)],
  skipped: Number(skipped),
}));

export interface RealStream {
  readonly name: string;
  readonly protocol: string;
  readonly spots: Spots;
  readonly length: readonly [number, number];
  /** The bytes, as the segments cut them. */
  readonly segments: readonly Uint8Array[];
  /** Offset of each frame, and behind the last one. */
  readonly bounds: readonly number[];
}

const LEAST_FRAMES = 6;
const MOST_BYTES = 200_000;
const STREAMS_PER_PROTOCOL = 6;

function boundsOf(spots: Spots, segments: readonly Uint8Array[]): readonly number[] {
  const bounds = [0];
  const scanner = new FrameScanner(spots);
  try {
    for (const segment of segments) {
      scanner.push(segment, ({ end }) => bounds.push(end));
    }
  } catch {
    // Many protocols change their framing, as to TLS. The frames in front of that are whole.
  }
  return bounds;
}

/** The segments up to an offset. */
function upTo(segments: readonly Uint8Array[], end: number): readonly Uint8Array[] {
  let offset = 0;
  return segments.flatMap((segment) => {
    const kept = segment.subarray(0, Math.max(0, end - offset));
    offset += segment.length;
    return kept.length === 0 ? [] : [kept];
  });
}

async function streamsOf(row: Row, path: string): Promise<readonly RealStream[]> {
  const spots = spotsOf(parseFraming(row.frames, 'frames', () => ''));
  const directions = new Map<string, { readonly segments: Uint8Array[]; isOver: boolean }>();
  await readCapture(path, (event) => {
    if (event.kind === 'open' || event.conversation.serverPort !== row.port) {
      return;
    }
    const key = `${event.conversation.index} ${event.direction}`;
    const known = directions.get(key) ?? { segments: [], isOver: false };
    directions.set(key, known);
    known.isOver ||= event.kind === 'gap';
    if (event.kind === 'segment' && !known.isOver) {
      known.segments.push(new Uint8Array(event.bytes));
    }
  });
  const streams = [...directions].flatMap(([key, { segments }]) => {
    const some = upTo(segments.slice(row.skipped), MOST_BYTES);
    const bounds = boundsOf(spots, some);
    const end = bounds.at(-1) ?? 0;
    const name = `${row.file} ${key}`;
    const { protocol, length } = row;
    const stream = { name, protocol, spots, length, segments: upTo(some, end), bounds };
    return bounds.length > LEAST_FRAMES ? [stream] : [];
  });
  return streams.slice(0, STREAMS_PER_PROTOCOL);
}

/** Streams of each protocol that are whole frames, at least six. */
export async function realStreams(): Promise<readonly RealStream[]> {
  const paths = await capturePaths();
  const streams: RealStream[] = [];
  for (const row of CAPTURED) {
    const path = paths.find((each) => basename(each) === row.file);
    if (path !== undefined) {
      streams.push(...(await streamsOf(row, path)));
    }
  }
  return [...streams, ...recordedStreams()];
}

/** Streams that were recorded of real programs and stand in test/vectors: in chunks, as they were read. */
function recordedStreams(): readonly RealStream[] {
  const rows = [
    ['postgres', 1, 4],
    ['pythonMultiprocessing', 0, 4],
  ] as const;
  return rows.flatMap(([row, at, width]) => {
    const segments = recordedChunks(RECORDED[row] ?? '');
    const spots = spotsOf(ROWS[row]);
    const bounds = boundsOf(spots, segments);
    const stream = { name: `recorded ${row}`, protocol: row, spots, segments, bounds };
    return [{ ...stream, length: [at, width] as const }];
  });
}
