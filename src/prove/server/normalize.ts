// Removes from answers what an expression matches. The expression comes from a user and may backtrack for
// ever, so it runs in a context of its own (node:vm), with a time limit.

import { Script, createContext } from 'node:vm';
import { Inconclusive } from './inconclusive.ts';
import { quantity } from '../../text.ts';

/** Time in ms that an expression may take for one answer. */
const LIMIT = 1000;
/**
 * Maximum number of tries for one answer. The time limit is measured on the clock, so on a busy machine it
 * may pass while this process does not run.
 */
const MAX_TRIES = 5;
const WORK = new Script('text.replace(pattern, "")');

interface Sandbox {
  text: string;
  readonly pattern: RegExp;
}

/** The context of each expression. Making a context costs 10 ms, so it is kept. */
const sandboxes = new WeakMap<RegExp, Sandbox>();

function sandboxOf(pattern: RegExp): Sandbox {
  const known = sandboxes.get(pattern);
  const sandbox = known ?? { text: '', pattern };
  if (known === undefined) {
    createContext(sandbox);
    sandboxes.set(pattern, sandbox);
  }
  return sandbox;
}

function isTimeout(error: unknown): boolean {
  const code = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function messageOf(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return String(isError ? error.message : error).toLowerCase();
}

/**
 * Returns the text without the matches. Tries again if the time limit passed while the process had hardly
 * run.
 */
function replaced(sandbox: Sandbox): string {
  for (let tries = 1; ; tries++) {
    const before = process.cpuUsage();
    try {
      return String(WORK.runInContext(sandbox, { timeout: LIMIT }));
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
  const sandbox = sandboxOf(pattern);
  sandbox.text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  try {
    return Buffer.from(replaced(sandbox), 'latin1');
  } catch (error) {
    if (isTimeout(error)) {
      throw new Inconclusive(
        `--normalize took longer than ${LIMIT / 1000} s for an answer of ${quantity(bytes.length, 'byte')}; write the expression without nested repetitions`,
      );
    }
    // The error may be a RangeError, if the expression repeats too often for the stack. `instanceof Error` is
    // false for it, because its class comes from the other context.
    throw new Inconclusive(
      `--normalize failed for an answer of ${quantity(bytes.length, 'byte')}: ${messageOf(error)}; write a simpler expression`,
    );
  } finally {
    sandbox.text = '';
  }
}
