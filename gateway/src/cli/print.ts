// Prints the frames of every connection as JSON Lines, in the form of `unstick inspect --json --bytes`.

import type { Connection } from 'unstick';
import type { Framing } from 'unstick/formats';
import { inspectConnection } from 'unstick/inspect';
import type { ConnectionFinding } from 'unstick/inspect';

/**
 * Maximum number of bytes of a frame that are printed. Some formats allow longer frames, which are printed
 * cut.
 */
const SHOWN_LENGTH = 16 * 1024 * 1024;

function lineOf(finding: ConnectionFinding): object | undefined {
  switch (finding.kind) {
    case 'chunk':
      return undefined;
    case 'frame': {
      const { cuts: _cuts, bytes, ...frame } = finding;
      return { ...frame, bytes: Buffer.from(bytes).toString('hex') };
    }
    default:
      return finding;
  }
}

/** Prints the frames of a connection from now on. */
export function printFrames(
  connection: Connection<unknown, unknown>,
  frames: Framing,
  write: (line: object) => void,
): void {
  inspectConnection(connection, {
    frames,
    shownLength: SHOWN_LENGTH,
    tell: (finding) => {
      const line = lineOf(finding);
      if (line !== undefined) {
        write(line);
      }
    },
  });
}
