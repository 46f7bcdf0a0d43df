// The surroundings of a test: a server process with users and files of its own, and client processes. A test
// that does what the client never does uses a peer in this process. end() ends all of them and removes the
// files.

import { mkdirSync, watch, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Channel, Peer } from '../../../src/entries/peer.ts';
import { chop } from '../../../src/entries/testing.ts';
import type { ChopOptions, ChopProxy } from '../../../src/entries/testing.ts';
import { nodeWords } from '../../support/node-words.ts';
import { Stage } from '../../support/stage.ts';
import type { Ending, StartedProgram } from '../../support/stage.ts';
import type { Fields } from '../both/wire.ts';
import { countOf, fieldsOf } from '../both/wire.ts';
import { partPathOf } from '../client/part-path.ts';
import { login } from '../client/login.ts';
import { Users } from '../server/users.ts';

export const password = 'correct horse 密码';
/** The cheapest scrypt that both sides accept, for quick tests. */
const cost = { n: 2 ** 14, r: 8, p: 1 };
const peak = fileURLToPath(new URL('../speed/peak.mjs', import.meta.url));

/** Time in ms to wait for something that takes a moment: an upper bound. */
const PATIENCE_MS = 120_000;

export interface WorldOptions {
  /** Quota of each user in bytes. Default 1 TiB. */
  readonly quota?: number;
  /** Arguments of the server. */
  readonly args?: readonly string[];
  /** Serves over TLS with this key and certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Where the server keeps everything; default: a directory of its own. */
  readonly root?: string;
  /**
   * Maximum length of a file on the server in units of 512 bytes. Beyond it, writes fail as on a full disk.
   */
  readonly fileLimit?: number | undefined;
}

const serverFile = fileURLToPath(new URL('../server.ts', import.meta.url));

export class World {
  /** The server's directory. */
  readonly root: string;
  /** The clients' directory. */
  readonly local: string;
  readonly #directory: string;
  readonly #args: readonly string[];
  readonly #stage: Stage;
  readonly #fileLimit: number | undefined;
  readonly #peers: Peer[] = [];
  readonly #proxies: ChopProxy[] = [];
  server: StartedProgram | undefined;
  port = 0;

  private constructor(directory: string, { args = [], tls, root, fileLimit }: WorldOptions) {
    this.#fileLimit = fileLimit;
    this.#directory = directory;
    this.root = root ?? join(directory, 'root');
    this.local = join(directory, 'local');
    mkdirSync(this.local);
    this.#args = tls === undefined ? args : [...args, ...this.#tlsFlags(tls)];
    this.#stage = new Stage(fileURLToPath(new URL('..', import.meta.url)));
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'unstick-files-'));
    const world = new World(directory, options);
    const users = new Users(world.root);
    for (const name of ['alice', 'bob']) {
      await users.add(name, password, { quota: options.quota ?? 2 ** 40, cost });
      mkdirSync(join(world.root, 'homes', name), { recursive: true });
      mkdirSync(join(world.root, 'parts', name), { recursive: true });
    }
    await world.startServer();
    return world;
  }

  #tlsFlags({ key, cert }: { readonly key: string; readonly cert: string }): string[] {
    const files = {
      key: join(this.#directory, 'key.pem'),
      cert: join(this.#directory, 'cert.pem'),
    };
    writeFileSync(files.key, key, { mode: 0o600 });
    writeFileSync(files.cert, cert);
    return ['--tls-key', files.key, '--tls-cert', files.cert];
  }

  async startServer(): Promise<void> {
    const args = ['--root', this.root, ...this.#args];
    const env = { NODE_OPTIONS: `--import=${peak}` };
    if (this.#fileLimit === undefined) {
      ({ server: this.server, port: this.port } = await this.#stage.serve('server.ts', args, {
        env,
      }));
      return;
    }
    const limited = `trap '' XFSZ; ulimit -f ${this.#fileLimit}; exec "$@"`;
    const program = [process.execPath, ...nodeWords(serverFile), '--port', '0', ...args];
    this.server = this.#stage.command('sh', ['-c', limited, 'sh', ...program], { env });
    const [, port] = await this.server.line(/listening on \S*:(\d+)/);
    this.port = Number(port);
  }

  async end(): Promise<void> {
    for (const peer of this.#peers) {
      peer.destroy();
    }
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await this.#stage.end();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Waits for a line of the server's log. */
  async log(pattern: RegExp | string): Promise<RegExpExecArray> {
    if (this.server === undefined) {
      throw new Error('There is no server');
    }
    return await this.server.line(pattern, { patience: PATIENCE_MS });
  }

  /** Starts a client process. */
  start(words: readonly string[], options: { port?: number; user?: string } = {}): StartedProgram {
    const { port = this.port, user = 'alice' } = options;
    const flags = ['--port', String(port), '--user', user, '--directory', this.local];
    const env = { FILES_PASSWORD: password, NODE_OPTIONS: `--import=${peak}` };
    return this.#stage.start('client.ts', [...flags, ...words], { env });
  }

  /** Runs a client process to its end. */
  run(...words: string[]): Promise<Ending> {
    return this.start(words).ended;
  }

  /** Starts a client process in a terminal, which the program `script` makes. */
  inTerminal(...words: string[]): StartedProgram {
    const client = fileURLToPath(new URL('../client.ts', import.meta.url));
    const flags = ['--port', String(this.port), '--user', 'alice', '--directory', this.local];
    const all = [process.execPath, ...nodeWords(client), ...flags, ...words];
    const env = { FILES_PASSWORD: password, COLUMNS: '120' };
    return this.#stage.command('script', ['-qec', all.join(' '), '/dev/null'], { env });
  }

  /** Starts a client whose output goes into another command. */
  piped(words: string, into: string): StartedProgram {
    const client = fileURLToPath(new URL('../client.ts', import.meta.url));
    const command = [
      process.execPath,
      ...nodeWords(client),
      '--port',
      this.port,
      '--user',
      'alice',
    ].join(' ');
    const env = { FILES_PASSWORD: password };
    return this.#stage.command('sh', ['-c', `${command} ${words} | ${into}`], { env });
  }

  /** Logs in from this process. Returns the peer. */
  async peer(user = 'alice'): Promise<Peer> {
    const server = { host: '127.0.0.1', port: this.port };
    const peer = await login(server, { user, password });
    this.#peers.push(peer);
    return peer;
  }

  /** Starts a proxy to the server. */
  async proxy(options: Omit<ChopOptions, 'listen' | 'to'>): Promise<ChopProxy> {
    const proxy = await chop({ ...options, listen: ':0', to: `127.0.0.1:${this.port}` });
    this.#proxies.push(proxy);
    return proxy;
  }

  home(name: string, user = 'alice'): string {
    return join(this.root, 'homes', user, name);
  }

  here(name: string): string {
    return join(this.local, name);
  }

  /** The path of the client's part file for a file that is fetched as `name`. */
  fetching(name: string): string {
    return partPathOf(this.here(name));
  }

  /** The path of the server's part file for a file that is uploaded to `/name`. */
  part(name: string, user = 'alice'): string {
    const id = createHash('sha256').update(`/${name}`).digest('hex');
    return join(this.root, 'parts', user, `${id}.part`);
  }
}

/** Writes a file of random bytes, which cannot be compressed. */
export async function writeRandom(path: string, size: number): Promise<void> {
  await writeFile(path, randomBytes(size));
}

export async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

export async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

/** Waits until the file has at least this many bytes. Its directory must exist. */
export async function untilSize(path: string, size: number): Promise<void> {
  const changes = watch(dirname(path));
  try {
    await new Promise<void>((resolve, reject) => {
      const look = async (): Promise<void> => {
        if (((await sizeOf(path)) ?? 0) >= size) {
          resolve();
        }
      };
      const timer = setTimeout(
        () => reject(new Error(`${path} has not reached ${size} bytes within ${PATIENCE_MS} ms`)),
        PATIENCE_MS,
      );
      timer.unref();
      changes.on('change', () => void look());
      void look();
    });
  } finally {
    changes.close();
  }
}

export const NOTHING: string = createHash('sha256').digest('hex');

/** Sends a request. Returns the fields of the answer. */
export async function ask(
  peer: Peer,
  name: string,
  params: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Fields> {
  return fieldsOf((await peer.request(name, params)).result);
}

/** Begins an upload that the server accepts. Returns its ticket and its channel. */
export async function beginPut(peer: Peer, path: string, size: number): Promise<[number, Channel]> {
  const answer = await ask(peer, 'put', { path, size });
  const ticket = countOf(answer, 'ticket');
  return [ticket, peer.open('bytes', { ticket, from: 0 })];
}
