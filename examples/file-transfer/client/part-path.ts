// The file that holds what came of a file so far, beside the place where it belongs, and its lock.
//
// Rules:
// - Its name is made of a hash. So no file of the user has it, and it is short enough whatever the length of
//   the name that it stands for. The same name gives the same part, for --resume.
// - One program at a time has it. A lock whose program is gone counts no more.

import { createHash } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onDisk } from '../../support/raw-text.ts';
import { Refusal, systemCode } from '../both/refusal.ts';

const PREFIX = '.fetching-';
const HASH_CHARACTERS = 32;

export function partPathOf(target: string): string {
  const hash = createHash('sha256')
    .update(onDisk(basename(target)))
    .digest('hex');
  return join(dirname(target), `${PREFIX}${hash.slice(0, HASH_CHARACTERS)}`);
}

/** Whether a file of this name would be the part of another. */
export function isPartName(name: string): boolean {
  return name.toLowerCase().startsWith(PREFIX);
}

/** Takes the part for this program. Refuses while another one has it. Returns what gives it back. */
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
  const pid = Number(await readFile(onDisk(lock), 'utf8').catch(() => ''));
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
