// All targets by name.

import { captures } from './captures.ts';
import { defined } from './defined.ts';
import { delimitedFrames } from './delimited.ts';
import { frames, oracle } from './frames.ts';
import { partsOfMessages, wholeMessages } from './messages.ts';
import { planted } from './planted.ts';
import { planner } from './planner.ts';
import { proxy } from './proxy.ts';
import { roundTrip } from './round-trip.ts';
import { schedules } from './schedules.ts';
import { session } from './session.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [
  frames,
  oracle,
  delimitedFrames,
  defined,
  wholeMessages,
  partsOfMessages,
  roundTrip,
  schedules,
  captures,
  planner,
  session,
  proxy,
];

export function findTarget(name: string): Target | undefined {
  return [...targets, ...planted].find((target) => target.name === name);
}
