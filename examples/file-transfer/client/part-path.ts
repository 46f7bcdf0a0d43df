// The path of a part file, which holds the bytes that have come so far, in the folder of its target; and its
// lock.
//
// Rules:
// - The name of a part contains a hash of the target's name. So no file of the user has such a name, and it
//   is short however long the target's name is. The same target always has the same part, for --resume.
// - One program at a time has a part. A lock whose program has ended is ignored.

import { createHash } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onDisk } from '../../support/raw-text.ts';
import { Refusal, systemCode } from '../both/refusal.ts';

const PREFIX = '.fetching-';
const HASH_CHARACTERS = 32;
/** Time in ms within which a program writes its id into the lock that it has made. */
const WRITTEN_WITHIN_MS = 10_000;

export function partPathOf(target: string): string {
  const hash = createHash('sha256')
    .update(onDisk(basename(target)))
    .digest('hex');
  return join(dirname(target), `${PREFIX}${hash.slice(0, HASH_CHARACTERS)}`);
}

/** Whether this name looks like that of a part file. */
export function isPartName(name: string): boolean {
  return name.toLowerCase().startsWith(PREFIX);
}

/**
 * Locks the part for this program. Refuses while another program has it. Returns a function that unlocks it.
 */
export async function lockPart(path: string, name: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await open(onDisk(lock), 'wx', 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(onDisk(lock), { force: true });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') {
        throw error;
      }
    }
    if (await isHeld(lock)) {
      break;
    }
    await rm(onDisk(lock), { force: true });
  }
  throw new Refusal('E_BUSY', `${name} is being fetched already, by another program.`);
}

async function isHeld(lock: string): Promise<boolean> {
  const text = await readFile(onDisk(lock), 'utf8').catch(() => '');
  if (text === '') {
    // Its program has just made it, or was killed before it wrote its id.
    const { mtimeMs } = await stat(onDisk(lock)).catch(() => ({ mtimeMs: -Infinity }));
    return Date.now() - mtimeMs < WRITTEN_WITHIN_MS;
  }
  const pid = Number(text);
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
