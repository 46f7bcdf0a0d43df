// Schedules of a file as trials.

import { PLAIN } from '../trials/trial.ts';
import type { Trial } from '../trials/trial.ts';
import type { ResolvedProveServerOptions } from './options.ts';

/** The schedules to be replayed, sent as the options say. */
export function replays(options: ResolvedProveServerOptions): readonly Trial[] {
  const { replay = [], connections, fin, lockstep } = options;
  const sending = { ...PLAIN, connections, fin, lockstep };
  return replay.map((schedule) => ({ kind: 'replay', schedule, sending }));
}
