// The scene: a server with a user, a file there and back, refusals of the server, and an upload and a
// download that are killed at 30 % and resumed.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ending, Stage } from '../support/stage.ts';
import { breakAndResume } from './testing/break-and-resume.ts';
import { World } from './testing/world.ts';

const MiB = 1024 * 1024;
const password = 'correct horse';

export async function play(stage: Stage): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'unstick-scene-'));
  try {
    await tell(stage, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  stage.say(
    '\nA client is killed at 30 % and cannot say goodbye. The next client goes on from there:',
  );
  const world = await World.open();
  try {
    for (const verb of ['put', 'get'] as const) {
      const { resumedAt, size, sent, received } = await breakAndResume(world, {
        verb,
        size: 32 * MiB,
      });
      const claim = `${verb} went on at byte ${resumedAt} of ${size}, and SHA-256 is equal`;
      stage.check(claim, resumedAt > 0.25 * size && sent === received);
    }
  } finally {
    await world.end();
  }
}

async function tell(stage: Stage, directory: string): Promise<void> {
  const root = ['--root', join(directory, 'root')];
  const env = { FILES_PASSWORD: password };
  stage.say('The server gets a user, who may keep 5 MB:');
  const adding = stage.start('server.ts', [...root, 'add-user', 'alice', '--quota', '5MB'], {
    name: 'add-user',
  });
  adding.type(`${password}\n`);
  adding.endInput();
  stage.check('alice is in the users file', (await adding.ended).code === 0);
  const { server, port } = await stage.serve('server.ts', root);
  const client = (words: readonly string[], as = env): Promise<Ending> => {
    const flags = ['--port', port, '--user', 'alice', '--directory', directory];
    return stage.start('client.ts', [...flags, ...words], { env: as }).ended;
  };

  stage.say('\nOne file there and back:');
  await writeFile(join(directory, '文件 😀.bin'), randomBytes(4 * MiB));
  await client(['put', '文件 😀.bin']);
  await client(['ls']);
  await client(['get', '文件 😀.bin', '--as', 'back.bin']);
  const sums = await Promise.all(
    ['文件 😀.bin', 'back.bin'].map((name) => sumOf(join(directory, name))),
  );
  stage.check('what came back is what was sent', sums[0] === sums[1]);

  stage.say('\nAnd what the server refuses:');
  const refusals = [
    ['a wrong password', ['pwd'], 'E_LOGIN', { FILES_PASSWORD: 'guess' }],
    ['a file outside of the home', ['get', '../../users.json'], 'E_OUTSIDE', env],
    ['more bytes than the quota', ['put', 'back.bin'], 'E_QUOTA', env],
    ['to overwrite a file unasked', ['put', '文件 😀.bin'], 'E_EXISTS', env],
  ] as const;
  for (const [claim, words, code, as] of refusals) {
    const ending = await client(words, as);
    stage.check(claim, ending.code === 1 && ending.stderr.includes(code), ending.stderr);
  }
  await server.end();
}

async function sumOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
