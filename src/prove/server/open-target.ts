// The kind of target that the options name.

import type { Target } from './target.ts';
import { TcpTarget } from './tcp-target.ts';

/** What says where the program under test is. */
export interface Where {
  readonly host: string;
  readonly port: number;
}

export function openTarget({ host, port }: Where): Target {
  return new TcpTarget({ host, port });
}
