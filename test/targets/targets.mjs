// What run.mjs and check.mjs share: the manifest, the bytes of its requests, building and spawning.
// Only Node; no package of the project.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** The classes of verdicts that a manifest may want, and the verdicts that are right for each. */
export const RIGHT_VERDICTS = {
  BROKEN: ['BROKEN'],
  NOT_SAFE: ['BROKEN', 'INCONCLUSIVE'],
  SAFE: ['SAFE'],
  INCONCLUSIVE: ['INCONCLUSIVE'],
  NOT_BROKEN: ['SAFE', 'INCONCLUSIVE'],
};

export function readManifest(folder, only) {
  const targets = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
  const unknown = only.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) {
    throw new Error(`No target is called ${unknown}`);
  }
  return targets.filter((target) => only.length === 0 || only.includes(target.name));
}

/** The bytes of a request: `hex:…`, the path of a file, { text, times }, or a list of these. */
export function bytesOf(request, words) {
  if (Array.isArray(request)) {
    return Buffer.concat(request.map((part) => bytesOf(part, words)));
  }
  if (typeof request === 'object') {
    return Buffer.from(request.text.repeat(request.times ?? 1));
  }
  return request.startsWith('hex:')
    ? Buffer.from(request.slice(4), 'hex')
    : readFileSync(fill(request, words));
}

/** Put the values of `words` in the place of {dir}, {tmp} and {port}. */
export function fill(template, words) {
  return template.replace(/\{(\w+)\}/g, (whole, word) => String(words[word] ?? whole));
}

const folders = new Set();

/** A folder for one target, removed afterwards. */
export async function inFolder(use) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unstick-target-'));
  folders.add(folder);
  try {
    return await use(folder);
  } finally {
    remove(folder);
  }
}

function remove(folder) {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** The first program that the target needs and that this machine does not have. */
export function missingProgram(target) {
  return [target.build, target.spawn]
    .filter((command) => command !== undefined && !command.startsWith('{'))
    .map((command) => command.split(' ')[0])
    .find((program) => spawnSync('which', [program]).status !== 0);
}

export async function build(target, words) {
  if (target.build === undefined) {
    return;
  }
  const [program, ...args] = fill(target.build, words).split(' ');
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const status = await new Promise((resolve) => child.on('exit', resolve).on('error', resolve));
  if (status !== 0) {
    throw new Error(`${target.name}: ${target.build} failed`);
  }
}

/** A file for each request that is not written in the words of the command line. */
export function sendOptions(target, words) {
  return target.send.flatMap((request, index) => {
    if (typeof request === 'string') {
      return ['--send', fill(request, words)];
    }
    const file = path.join(words.tmp, `request-${index}.bin`);
    writeFileSync(file, bytesOf(request, words));
    return ['--send', file];
  });
}

const taken = new Set();

/** A free port below those that kernels give to clients; the same one is never given twice. */
export async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = net.createServer();
    const isFree = await new Promise((resolve) => {
      server.on('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (isFree && !taken.has(port)) {
      taken.add(port);
      return port;
    }
  }
}

const running = new Set();

/** Start a command as the leader of a process group; `stop` ends the group. */
export function start([program, ...args], options) {
  const child = spawn(program, args, { stdio: 'ignore', detached: true, ...options });
  const stop = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group has gone.
    }
  };
  running.add(stop);
  const exited = new Promise((resolve) => {
    child.on('exit', (code) => resolve(code)).on('error', () => resolve(127));
  }).finally(() => running.delete(stop));
  return { exited, stop };
}

/** End with exit code 130 on a signal, and leave no process and no folder behind. */
export function stopOnSignals() {
  const end = () => {
    running.forEach((stop) => stop('SIGTERM'));
    folders.forEach(remove);
    process.exit(130);
  };
  process.on('SIGINT', end).on('SIGTERM', end);
}

/** Do `work` for each item, `jobs` at a time. */
export async function eachOf(items, jobs, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item; (item = queue.shift()) !== undefined;) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** A generator of numbers in [0, 1) that a seed decides: mulberry32. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
