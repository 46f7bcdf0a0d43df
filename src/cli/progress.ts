// One line on a terminal that shows the progress of the work. If the output is no terminal, nothing is
// written, so logs and files get only the report.

import type { WriteStream } from 'node:tty';
import type { Progress } from '../prove/server/options.ts';
import { isSilenced } from './print.ts';

/** Minimum time in ms between two updates of the line. */
const INTERVAL = 100;
const ERASE_LINE = '\r\u001b[2K';

export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  /** Erases the line. */
  readonly clear: () => void;
}

function lineOf({ played, runs, spent, time }: Progress): string {
  const most = runs === Infinity ? '' : ` of ${runs}`;
  const limit = time === Infinity ? '' : ` of ${Math.round(time / 1000)}`;
  return `${played}${most} schedules, ${(spent / 1000).toFixed(0)}${limit} s`;
}

/** Opens a progress line on this stream. It stays silent if the stream is no terminal. */
export function openProgress(stream: Pick<WriteStream, 'isTTY' | 'write'>): ProgressLine {
  let drawnAt = -Infinity;
  let isShown = false;
  return {
    show: (progress) => {
      const now = performance.now();
      if (isSilenced() || !stream.isTTY || now - drawnAt < INTERVAL) {
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
