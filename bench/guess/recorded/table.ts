// The protocols that are recorded.

import { DATABASES } from './databases.ts';
import { MESSAGING } from './messaging.ts';
import { NETWORK } from './network.ts';
import { RPC } from './rpc.ts';
import type { RecordedProtocol } from './protocol.ts';

export const RECORDED: readonly RecordedProtocol[] = [
  ...DATABASES,
  ...MESSAGING,
  ...NETWORK,
  ...RPC,
];
