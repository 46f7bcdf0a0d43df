// Receiving from a sender in C over loopback: this package, and what is usual in other languages. Each receiver is a
// process of its own that serves one connection after another, so that compilers are warm; all take turns. It runs only
// if it is named, and needs `bench/languages/build.sh` (as root, on Debian) and the build of this package.
//
//   npm run bench -- languages
//   npx tsx bench/languages.ts --only "echo"

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from '../test/support/free-port.ts';
import { judge, median, publish, rowOf } from './results.ts';
import type { Row, Target, Verdict } from './results.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const built = (name: string): string => pathOf(`languages/built/${name}`);

const PORT = 'PORT';
const NETTY_JARS = ['buffer', 'codec', 'common', 'handler', 'resolver', 'transport']
  .map((part) => `/usr/share/java/netty-${part}.jar`)
  .join(':');
const JAVA = ['java', '-Xmx512m', '-cp', `${NETTY_JARS}:${built('')}`, 'Netty'];
const ERLANG = ['erl', '-noshell', '-pa', built(''), '-s', 'receiver', 'main'];
const TOKIO = built('rust/release/tokio-receiver');
const RUST = built('rust/release/std-receiver');
const BY_HAND = [process.execPath, ...process.execArgv, pathOf('languages/node.ts')];
const DENO = [built('node_modules/.bin/deno'), 'run', '--allow-net', '--quiet'];
const unstick = (way: string): string[] => [process.execPath, pathOf('receiver.mjs'), way, PORT];

type Programs = Readonly<Record<string, readonly string[]>>;

const NETTY = 'Netty, LengthFieldBasedFrameDecoder';
const TOKIO_64K = 'tokio-util, FramedRead, 64 KiB';
const RUST_VALUES = 'Rust std, BufReader, a Vec each';
const SCAN = '**unstick, `scan`**';

/** Receivers that look at each frame where it lies, or only count bytes. */
const places: Programs = {
  'C, read into one buffer': [built('place'), PORT],
  'Rust std, read into one buffer': [RUST, 'place', PORT],
  'tokio, BytesMut': [TOKIO, 'place', '65536', PORT],
  'Netty, in the accumulated buffer': [...JAVA, 'place', PORT],
  'Bun.listen, loop by hand': [
    built('node_modules/.bin/bun'),
    pathOf('languages/bun.mjs'),
    'place',
    PORT,
  ],
  'Deno.listen, read into one buffer': [...DENO, pathOf('languages/deno.mjs'), 'place', PORT],
  'Node, loop by hand': [...BY_HAND, 'place', PORT],
  'Node, bytes without framing': [...BY_HAND, 'raw', PORT],
  [SCAN]: unstick('scan'),
};

/** Receivers that make a value of each frame, which may be kept. */
const values: Programs = {
  [RUST_VALUES]: [RUST, 'value', PORT],
  [TOKIO_64K]: [TOKIO, 'value', '65536', PORT],
  'tokio-util, FramedRead, default': [TOKIO, 'value', '8192', PORT],
  [NETTY]: [...JAVA, 'value', PORT],
  'Erlang, {packet,4}, active once': [...ERLANG, 'value', PORT],
  'Python, asyncio': ['python3', pathOf('languages/asyncio_receiver.py'), 'value', PORT],
  'Bun.listen, loop by hand': [
    built('node_modules/.bin/bun'),
    pathOf('languages/bun.mjs'),
    'value',
    PORT,
  ],
  'Deno.listen, loop by hand, copies': [...DENO, pathOf('languages/deno.mjs'), 'value', PORT],
  'Node, loop by hand, subarray': [...BY_HAND, 'value', PORT],
  '**unstick, `batches`**': unstick('batches'),
  '**unstick, `for await`**': unstick('iterate'),
};

const echoes: Programs = {
  [RUST_VALUES]: [RUST, 'echo', PORT],
  'tokio-util, Framed': [TOKIO, 'echo', '8192', PORT],
  [NETTY]: [...JAVA, 'echo', PORT],
  'Erlang, {packet,4}, active once': [...ERLANG, 'echo', PORT],
  'Python, asyncio': ['python3', pathOf('languages/asyncio_receiver.py'), 'echo', PORT],
  'Node, loop by hand, subarray': [...BY_HAND, 'echo', PORT],
  '**unstick, `for await` and `send`**': unstick('echo'),
};

interface Size {
  readonly label: string;
  readonly payload: number;
  /** Frames of the first warm-up. */
  readonly first: number;
  /** What is wanted of `scan`, and, for decoders that make a value, of the others. */
  readonly targets: readonly Target[];
}

const sizes: readonly Size[] = [
  {
    label: '64 B',
    payload: 64,
    first: 20_000,
    targets: [
      { name: SCAN, of: NETTY, atLeast: 3 },
      { name: SCAN, of: TOKIO_64K, atLeast: 2.3 },
      { name: SCAN, of: RUST_VALUES, atLeast: 1.2 },
    ],
  },
  {
    label: '1 KiB',
    payload: 1024,
    first: 20_000,
    targets: [
      { name: SCAN, of: NETTY, atLeast: 1.3 },
      { name: SCAN, of: TOKIO_64K, atLeast: 0.85 },
    ],
  },
  {
    label: '64 KiB',
    payload: 65_536,
    first: 1000,
    targets: [{ name: SCAN, of: NETTY, atLeast: 0.7 }],
  },
];

const { values: words } = parseArgs({
  strict: false,
  options: { quick: { type: 'boolean' }, only: { type: 'string', default: '' } },
});
const TURNS = words.quick === true ? 3 : 7;
const SECONDS = words.quick === true ? 0.4 : 0.8;
const ECHOES = 10_000;
const FIRST_ECHOES = 3000;
const WARM_UPS = 3;

class Receiver {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly port: number;

  constructor(child: ChildProcess, lines: AsyncIterator<string>, port: number) {
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  static async start(command: readonly string[]): Promise<Receiver> {
    const port = await freePort();
    const [program = '', ...rest] = command.map((word) => (word === PORT ? String(port) : word));
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child, 'spawn');
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { value } = await lines.next();
    if (value !== 'READY') {
      throw new Error(`${program} says ${JSON.stringify(value)} instead of READY.`);
    }
    return new Receiver(child, lines, port);
  }

  /** The numbers of frames and bytes that the connection which has just ended brought. */
  async received(): Promise<[frames: number, bytes: number]> {
    const { value } = await this.#lines.next();
    const [frames, bytes] = String(value).split(' ').map(Number);
    return [frames ?? Number.NaN, bytes ?? Number.NaN];
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

function sender(...numbers: readonly (number | string)[]): number[] {
  const text = execFileSync(built('sender'), numbers.map(String), { encoding: 'utf8' });
  return text.trim().split(' ').map(Number);
}

/** Sends frames to a receiver. Returns the millions of frames a second, and checks that each was received. */
async function frameRate(receiver: Receiver, payload: number, frames: number): Promise<number> {
  const [time = Number.NaN] = sender(receiver.port, payload, frames);
  const [seen, bytes] = await receiver.received();
  const isRaw = seen === 0 && bytes === frames * (payload + 4);
  if (!isRaw && (seen !== frames || bytes !== frames * payload)) {
    throw new Error(
      `${frames} frames of ${payload} bytes were sent: ${seen} came, with ${bytes} bytes.`,
    );
  }
  return frames / time / 1e6;
}

/** Calls `turn` for each receiver in every turn, in an order that is reversed each time. */
async function takeTurns(
  receivers: ReadonlyMap<string, Receiver>,
  turn: (receiver: Receiver, name: string) => Promise<number>,
): Promise<Map<string, number[]>> {
  const figures = new Map<string, number[]>([...receivers.keys()].map((name) => [name, []]));
  for (let i = 0; i < TURNS; i++) {
    const order = i % 2 === 0 ? [...receivers] : [...receivers].toReversed();
    for (const [name, receiver] of order) {
      figures.get(name)?.push(await turn(receiver, name));
    }
  }
  return figures;
}

async function started(programs: Programs): Promise<Map<string, Receiver>> {
  const receivers = new Map<string, Receiver>();
  for (const [name, command] of Object.entries(programs)) {
    receivers.set(name, await Receiver.start(command));
  }
  return receivers;
}

/** How many frames a receiver takes in one turn, after a few turns that warm it up. */
async function framesOfTurn(receiver: Receiver, { payload, first }: Size): Promise<number> {
  let frames = first;
  for (let i = 0; i < WARM_UPS; i++) {
    const rate = await frameRate(receiver, payload, frames);
    frames = Math.max(50, Math.round(rate * 1e6 * SECONDS * (i < WARM_UPS - 1 ? 0.4 : 1)));
  }
  return frames;
}

const medianOf = (figures: ReadonlyMap<string, number[]>, name: string): number =>
  median(figures.get(name) ?? []);

/** Rows with the ratio to `reference`, which may be in another table of the same turns. */
function rowsOf(figures: ReadonlyMap<string, number[]>, names: readonly string[]): Row[] {
  const reference = medianOf(figures, NETTY);
  return names.map((name) => {
    const list = figures.get(name) ?? [];
    return { ...rowOf(name, list), ratio: median(list) / reference };
  });
}

const PLACE = 'place: ';

async function receive(size: Size): Promise<void> {
  // A name may be in both tables, so those of the first have a mark.
  const inPlace = Object.entries(places).map(([name, command]): [string, readonly string[]] => [
    PLACE + name,
    command,
  ]);
  const receivers = await started({ ...Object.fromEntries(inPlace), ...values });
  const counts = new Map<string, number>();
  for (const [name, receiver] of receivers) {
    counts.set(name, await framesOfTurn(receiver, size));
  }
  const figures = await takeTurns(receivers, (receiver, name) =>
    frameRate(receiver, size.payload, counts.get(name) ?? size.first),
  );
  for (const receiver of receivers.values()) {
    receiver.stop();
  }
  const verdicts = size.targets.map((target): Verdict =>
    judge(target, medianOf(figures, PLACE + target.name) / medianOf(figures, target.of ?? NETTY)),
  );
  const unit = 'M frames/s';
  publish({
    title: `from C, ${size.label} payloads, shown in place`,
    unit,
    rows: rowsOf(
      figures,
      inPlace.map(([name]) => name),
    ).map((row) => ({ ...row, name: row.name.slice(PLACE.length) })),
    verdicts,
  });
  publish({
    title: `from C, ${size.label} payloads, a value for each frame`,
    unit,
    rows: rowsOf(figures, Object.keys(values)),
    verdicts: [],
  });
}

async function echo(): Promise<void> {
  const receivers = await started(echoes);
  const figures = await takeTurns(receivers, async (receiver) => {
    const [middle = Number.NaN] = sender('-p', receiver.port, 64, ECHOES, FIRST_ECHOES);
    await receiver.received();
    return middle;
  });
  for (const receiver of receivers.values()) {
    receiver.stop();
  }
  publish({
    title: 'from C, echo of 64 B, p50',
    unit: 'µs',
    rows: rowsOf(figures, Object.keys(echoes)),
    verdicts: [],
  });
}

if (!existsSync(built('sender'))) {
  console.error(
    'Nothing to compare with is built: run bench/languages/build.sh as root, on Debian.',
  );
  process.exit(1);
}
const only = String(words.only);
for (const size of sizes) {
  if (`from C, ${size.label} payloads`.includes(only)) {
    await receive(size);
  }
}
if ('from C, echo of 64 B'.includes(only)) {
  await echo();
}
