// Calls of procedures and objects.

import type { RecordedProtocol } from './protocol.ts';

export const RPC: readonly RecordedProtocol[] = [];
