// Well-known protocols as descriptions of their framing, in families of one file each. The page docs/formats.md
// is made from this table. The limit in a row is the limit of the protocol, or the default of its best-known
// server.
//
//   framing('jtt808')                              every row, by its name
//   lengthPrefixed(formats.postgres)               a row whose codec is lengthPrefixed
//   { ...formats.kafka, maxPayloadLength: 1e6 }    another limit

import { databases } from './databases.ts';
import { files } from './files.ts';
import { finance } from './finance.ts';
import { health } from './health.ts';
import { industrial } from './industrial.ts';
import { messaging } from './messaging.ts';
import { meters } from './meters.ts';
import { network } from './network.ts';
import { peers } from './peers.ts';
import { rpc } from './rpc.ts';
import { serial } from './serial.ts';
import { telecom } from './telecom.ts';
import { tools } from './tools.ts';
import { trackers } from './trackers.ts';
import { vehicles } from './vehicles.ts';
import type { Format } from './framing-types.ts';

/** The families, in the order of the docs. */
export interface Families {
  readonly trackers: typeof trackers;
  readonly meters: typeof meters;
  readonly industrial: typeof industrial;
  readonly vehicles: typeof vehicles;
  readonly serial: typeof serial;
  readonly finance: typeof finance;
  readonly databases: typeof databases;
  readonly messaging: typeof messaging;
  readonly rpc: typeof rpc;
  readonly network: typeof network;
  readonly telecom: typeof telecom;
  readonly health: typeof health;
  readonly files: typeof files;
  readonly tools: typeof tools;
  readonly peers: typeof peers;
}

export const FAMILIES: Families = {
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

/** Type of all rows with their literals. From it `lengthPrefixed(formats.postgres)` knows its type of values. */
export type Formats = typeof trackers &
  typeof meters &
  typeof industrial &
  typeof vehicles &
  typeof serial &
  typeof finance &
  typeof databases &
  typeof messaging &
  typeof rpc &
  typeof network &
  typeof telecom &
  typeof health &
  typeof files &
  typeof tools &
  typeof peers;

/**
 * Well-known protocols by name. Each row is a description for `framing()`, with facts about the format.
 *
 * @example
 * ```ts
 * import { formats, framing } from 'unstick/formats';
 *
 * console.log(formats.mqtt.source);
 * const decoder = framing('mqtt').decoder();
 * decoder.push(Buffer.from('c000', 'hex')); // PINGREQ: its type, and a length of 0
 * for (const { before, payload } of decoder) console.log(before, payload.length);
 * ```
 *
 * ```text
 * MQTT 5.0, 2.1.4; MQTT 3.1.1, 2.2.3
 * <Buffer c0> 0
 * ```
 */
export const formats: Formats = {
  ...trackers,
  ...meters,
  ...industrial,
  ...vehicles,
  ...serial,
  ...finance,
  ...databases,
  ...messaging,
  ...rpc,
  ...network,
  ...telecom,
  ...health,
  ...files,
  ...tools,
  ...peers,
};

/** The same rows with one type, for code that takes any row. A row that is no description does not compile. */
export const ROWS: Readonly<Record<keyof Formats, Format>> = formats;
