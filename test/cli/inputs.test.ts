// Errors in the words of a command line and errors in the content of a file have different exit codes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exitLine } from '../../src/cli/exit-codes.ts';
import { importSpots, parseSpots } from '../../src/cli/frame-words.ts';
import {
  parseCount,
  parsePattern,
  readDialogue,
  readRequest,
  readSchedules,
  UnreadableInput,
} from '../../src/cli/inputs.ts';
import { reachOf } from '../../src/cli/reach.ts';
import { readTargets } from '../../src/cli/target-file.ts';
import { UsageError } from '../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'unstick-inputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of this content; a name without a file where there is none. */
function fileOf(content: string | undefined, name = 'given.mjs'): string {
  const file = join(folder, content === undefined ? 'missing' : name);
  if (content !== undefined) {
    writeFileSync(file, content);
  }
  return file;
}

async function refusalOf(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

/** A word for frames that stands for a file. */
function spotsIn(path: string): unknown {
  return parseSpots(`@${path}`, '--frames');
}

describe('an input cannot be read', () => {
  const schedule = '{"v":2,"seed":0,"direction":"to-server","ops":[]}';
  test.each<[string, (path: string) => unknown, string | undefined, string]>([
    ['a request that is missing', readRequest, undefined, 'Cannot read'],
    [
      'a certificate that is missing',
      (tlsCa) => reachOf({ target: ':9', tlsCa }),
      undefined,
      'Can',
    ],
    ['a schedule that is missing', readSchedules, undefined, 'Cannot read'],
    ['a schedule that is no JSON', readSchedules, 'cut 2', 'must be JSON'],
    ['a schedule of another version', readSchedules, schedule, 'has version 2'],
    ['a dialogue that is missing', readDialogue, undefined, 'Cannot read'],
    ['a dialogue without steps', readDialogue, '{"version":1}', 'list of 1 to'],
    ['a description of frames that is missing', spotsIn, undefined, 'Cannot read'],
    ['a description of frames that is none', spotsIn, 'u31', 'must be'],
    ['a codec that is missing', importSpots, undefined, 'Cannot import'],
    ['a codec that is none', importSpots, 'export const codec = 1;', 'exports no codec'],
    ['targets that are missing', readTargets, undefined, 'Cannot read'],
    ['targets that are none', readTargets, '{"version":1,"targets":[1]}', 'must be an object'],
  ])('%s', async (_, read, content, words) => {
    const error = await refusalOf(() => read(fileOf(content)));
    expect(error).toBeInstanceOf(UnreadableInput);
    expect(error).toMatchObject({ message: expect.stringContaining(words) });
  });
});

describe('wrong usage is', () => {
  test.each<[string, () => unknown]>([
    ['hex that is none', () => readRequest('hex:0')],
    ['an escape that is none', () => readRequest('text:a\\q')],
    ['a frame format that is none', () => parseSpots('u31', '--frames')],
    ['a number that is none', () => parseCount('x', '--runs')],
    ['an expression that is none', () => parsePattern('(')],
    ['a target that is missing', () => reachOf({ target: undefined })],
  ])('%s', async (_, work) => {
    const error = await refusalOf(work);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).not.toBeInstanceOf(UnreadableInput);
  });
});

test('the table of exit codes has a meaning for each', () => {
  expect(exitLine()).toBe(
    'Exit code: 0 all is as expected, 1 there is a finding, 2 wrong usage, 3 inconclusive, or an input cannot be read, 130 interrupted.',
  );
});
