// One transfer that breaks at 30 % and is resumed. A proxy stops the bytes at 30 %, so that the transfer
// breaks there and not a little later. Then the client or the server is killed with SIGKILL.

import { createCipheriv, randomBytes } from 'node:crypto';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ChopOptions, ChopProxy } from '../../../src/entries/testing.ts';
import type { Ending, StartedProgram } from '../../support/stage.ts';
import { sizeOf, untilSize } from './world.ts';
import type { World } from './world.ts';
import { partPathOf } from '../client/part-path.ts';

export interface Break {
  readonly verb: 'put' | 'get';
  readonly size: number;
  /** How the network cuts what goes through it. */
  readonly cuts?: Pick<ChopOptions, 'plan' | 'seed'>;
  readonly kill?: 'client' | 'server';
}

export interface BreakReport {
  readonly size: number;
  /** How the first client ended, whose transfer broke. */
  readonly broken: Ending;
  readonly resumedAt: number;
  /** SHA-256 of the file that was sent, and of the copy. */
  readonly sent: string;
  readonly received: string;
  /** Peak memory of the client that resumed, in MiB. */
  readonly clientPeak: number;
}

const SHARE = 0.3;
/** Of the bytes that the proxy lets pass, up to MARGIN + OVERHEAD × size do not reach the part file. */
const MARGIN = 128 * 1024;
const OVERHEAD = 0.002;

export async function breakAndResume(world: World, plan: Break): Promise<BreakReport> {
  const { verb, size, cuts = {}, kill = 'client' } = plan;
  const name = `${verb}-${size}-${kill}.file`;
  const [source, target] =
    verb === 'put' ? [world.here(name), world.home(name)] : [world.home(name), world.here(name)];
  const part = verb === 'put' ? world.part(name) : partPathOf(target);
  await writeNoise(source, size);
  const direction = verb === 'put' ? 'to-server' : 'to-client';
  const faults = [`stall@${Math.floor(SHARE * size)}`];
  const proxy = await world.proxy({ ...cuts, direction, faults });
  const client = world.start([verb, name], { port: proxy.port });
  await untilSize(part, Math.max(1, SHARE * size * (1 - OVERHEAD) - MARGIN));
  const broken = await killed(world, client, { which: kill, proxy });
  if (await sizeOf(target)) {
    throw new Error('Half a file has the name of the whole file');
  }
  const second = cuts.plan === undefined ? world.port : (await world.proxy(cuts)).port;
  const { stdout, stderr } = await world.start([verb, name, '--resume'], { port: second }).ended;
  const [, resumedAt] = /resumed at (\d+)/.exec(stdout) ?? [];
  if (resumedAt === undefined) {
    throw new Error(`The transfer was not resumed:\n${stdout}${stderr}`);
  }
  const [, peak] = /peak memory (\d+) MiB/.exec(stderr) ?? [];
  const [sent, received] = [await hashOf(source), await hashOf(target)];
  await Promise.all([rm(source), rm(target)]);
  return { size, broken, resumedAt: Number(resumedAt), sent, received, clientPeak: Number(peak) };
}

async function killed(
  world: World,
  client: StartedProgram,
  { which, proxy }: { which: 'client' | 'server'; proxy: ChopProxy },
): Promise<Ending> {
  const victim = which === 'client' ? client : world.server;
  victim?.child.kill('SIGKILL');
  await victim?.ended;
  await proxy.close(); // The stalled proxy would otherwise hold back the end of the connection, too.
  if (which === 'server') {
    await world.startServer();
  }
  return await client.ended;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

/** Writes a file of bytes that cannot be compressed, as fast as AES makes them. */
export async function writeNoise(path: string, size: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(1024 * 1024);
  async function* noise(): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; left -= zeros.length) {
      yield cipher.update(zeros.subarray(0, Math.min(left, zeros.length)));
    }
  }
  await pipeline(noise, createWriteStream(path));
}
