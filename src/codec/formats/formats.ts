// Well-known protocols as descriptions of their framing, in families, one file each. docs/formats.md is made
// of this table. A limit is the protocol's own, or the default of its best-known server.
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

/** All rows with their literal types, so that `lengthPrefixed(formats.postgres)` knows its values. */
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

/** Well-known protocols by name: descriptions for `framing()`, and facts about them. */
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

/** The same rows, where any of them will do. A row that is no description does not compile here. */
export const ROWS: Readonly<Record<keyof Formats, Format>> = formats;
