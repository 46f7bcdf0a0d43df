// The kind of target that the options name.

import { ClientTarget } from './client-target.ts';
import { SocketTarget } from './socket-target.ts';
import { StdioTarget } from './stdio-target.ts';
import type { Target } from './target.ts';
import type { Where } from './where.ts';

export function openTarget(where: Where): Target {
  if (where.kind === 'stdio') {
    return new StdioTarget(where.command);
  }
  return where.kind === 'client' ? new ClientTarget(where.command) : new SocketTarget(where);
}
