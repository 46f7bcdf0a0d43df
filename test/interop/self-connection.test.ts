// A port where nobody listens, reached by clients that the kernel connects to themselves. The namespace of a
// test has only two ports for clients, so that it happens at each attempt (needs root, on Linux).

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findProgram } from './support/software.ts';

const unshare = findProgram('unshare');
const ip = findProgram('ip');
const program = fileURLToPath(new URL('programs/to-itself.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;

test.skipIf(unshare === undefined || ip === undefined || !isRoot)(
  'a client that is connected to itself has found no server',
  async () => {
    const script = '"$1" link set lo up && exec "$2" --import tsx "$3"';
    const { stdout } = await promisify(execFile)(
      unshare ?? '',
      ['--net', 'sh', '-c', script, 'sh', ip ?? '', process.execPath, program],
      { timeout: 60_000 },
    );
    expect(JSON.parse(stdout)).toEqual({
      plain: { itself: 20 },
      dial: { ERR_CONNECT: 20 },
      proxy: { refused: 20 },
    });
  },
);
