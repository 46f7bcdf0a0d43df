// One line on a terminal that says how far the work is. Nothing is written elsewhere: logs and files get
// the report alone.

import type { WriteStream } from 'node:tty';
import type { Progress } from '../prove/server/options.ts';

/** How often the line is drawn, in ms. */
const INTERVAL = 100;
const ERASE_LINE = '\r\u001b[2K';

export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

function lineOf({ played, runs, spent, time }: Progress): string {
  const most = runs === Infinity ? '' : ` of ${runs}`;
  const limit = time === Infinity ? '' : ` of ${Math.round(time / 1000)}`;
  return `${played}${most} schedules, ${(spent / 1000).toFixed(0)}${limit} s`;
}

/** A line on this stream, where it is a terminal. */
export function openProgress(stream: Pick<WriteStream, 'isTTY' | 'write'>): ProgressLine {
  let drawnAt = -Infinity;
  let isShown = false;
  return {
    show: (progress) => {
      const now = performance.now();
      if (!stream.isTTY || now - drawnAt < INTERVAL) {
        return;
      }
      drawnAt = now;
      isShown = true;
      stream.write(`${ERASE_LINE}${lineOf(progress)}`);
    },
    clear: () => {
      if (isShown) {
        stream.write(ERASE_LINE);
      }
      isShown = false;
    },
  };
}
