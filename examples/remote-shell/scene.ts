// The scene: a remote shell of real processes. It shows the exercise of the course, and cases in which other
// solutions fail.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ending, Stage } from '../support/stage.ts';
import { isAlive } from './testing/trial.ts';

const COUNT = 5_000_000;

export async function play(stage: Stage): Promise<void> {
  // With its own runtime folder the scene finds its own server, and no other server of this user.
  const runtime = mkdtempSync(join(tmpdir(), 'unstick-shell-scene-'));
  try {
    await playIn(stage, { XDG_RUNTIME_DIR: runtime });
  } finally {
    await stage.end();
    rmSync(runtime, { recursive: true });
  }
}

async function playIn(stage: Stage, env: NodeJS.ProcessEnv): Promise<void> {
  const run = (...argv: string[]): Promise<Ending> =>
    stage.start('client.ts', ['exec', ...argv], { env, quiet: true, name: 'exec' }).ended;
  await stage.serve('server.ts', [], { env });

  stage.say('exec node --help, then exec node --version: each answer is complete and apart.');
  const help = await run('node', '--help');
  const version = await run('node', '--version');
  stage.check(`${help.stdout.length} bytes, then ${version.stdout.trim()}`, version.code === 0);
  stage.check('nothing of the first answer is in the second', version.stdout.length < 20);

  stage.say(`exec seq 1 ${COUNT}: 38,888,896 bytes, whole.`);
  const seq = await run('seq', '1', String(COUNT));
  const here = stage.command('seq', ['1', COUNT], { quiet: true });
  const hash = createHash('sha256').update(seq.stdout).digest('hex');
  const wanted = createHash('sha256')
    .update((await here.ended).stdout)
    .digest('hex');
  stage.check(`SHA-256 ${hash.slice(0, 16)}… on both sides`, hash === wanted);

  stage.say("exec sh -c 'echo out; echo err >&2; exit 3'");
  const three = await run('sh', '-c', 'echo out; echo err >&2; exit 3');
  const isApart = three.stdout === 'out\n' && three.stderr === 'err\n';
  stage.check('stdout and stderr apart, status 3', isApart && three.code === 3);
  const killed = await run('sh', '-c', 'kill -KILL $$');
  stage.check('killed by SIGKILL: status 137', killed.code === 137);

  stage.say('exec sleep 600, and the client is killed:');
  const client = stage.start('client.ts', ['exec', 'sh', '-c', 'echo $$; exec sleep 600'], { env });
  const pid = Number((await client.line(/^\d+$/))[0]);
  client.child.kill('SIGKILL');
  await client.ended;
  stage.check('the command on the server is gone, too', await endsSoon(pid));
}

/** Time in ms that the end of a command may take, and between two looks at it. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 20;

async function endsSoon(pid: number): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (isAlive(pid) && performance.now() < deadline) {
    await new Promise((resolve) => void setTimeout(resolve, LOOK_MS));
  }
  return !isAlive(pid);
}
