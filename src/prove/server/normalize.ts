// Removes from answers what an expression matches. The expression comes from a user and may backtrack for ever,
// so it runs in a context of its own, with a time limit.

import { Script, createContext } from 'node:vm';
import { Inconclusive } from './inconclusive.ts';

/** Time in ms that an expression may take for one answer. */
const LIMIT = 1000;
/** The limit is on the clock. On a busy machine the process may wait that long without having run. */
const MAX_TRIES = 5;
const WORK = new Script('text.replace(pattern, "")');

interface Room {
  text: string;
  readonly pattern: RegExp;
}

/** Contexts cost 10 ms each, so one is kept for each expression. */
const rooms = new WeakMap<RegExp, Room>();

function roomOf(pattern: RegExp): Room {
  const known = rooms.get(pattern);
  const room = known ?? { text: '', pattern };
  if (known === undefined) {
    createContext(room);
    rooms.set(pattern, room);
  }
  return room;
}

function isTimeout(error: unknown): boolean {
  const code = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function messageOf(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return String(isError ? error.message : error).toLowerCase();
}

/** The text without what matches. Tries again when the time was over and the process had hardly run. */
function replaced(room: Room): string {
  for (let tries = 1; ; tries++) {
    const before = process.cpuUsage();
    try {
      return String(WORK.runInContext(room, { timeout: LIMIT }));
    } catch (error) {
      const { user, system } = process.cpuUsage(before);
      const hasRun = user + system > (LIMIT * 1000) / 2;
      if (!isTimeout(error) || hasRun || tries === MAX_TRIES) {
        throw error;
      }
    }
  }
}

/** Returns the bytes without what the pattern matches. The pattern sees one character for each byte. */
export function normalized(bytes: Uint8Array, pattern: RegExp | undefined): Uint8Array {
  if (pattern === undefined || bytes.length === 0) {
    return bytes;
  }
  const room = roomOf(pattern);
  room.text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  try {
    return Buffer.from(replaced(room), 'latin1');
  } catch (error) {
    if (isTimeout(error)) {
      throw new Inconclusive(
        `--normalize took longer than ${LIMIT / 1000} s for an answer of ${bytes.length} bytes; write the expression without nested repetitions`,
      );
    }
    // One such error is the RangeError of an expression that repeats too often for the stack. Its class is
    // that of the other context.
    throw new Inconclusive(
      `--normalize failed for an answer of ${bytes.length} bytes: ${messageOf(error)}; write a simpler expression`,
    );
  } finally {
    room.text = '';
  }
}
