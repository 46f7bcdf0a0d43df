// A command on a terminal of its own (a pseudo-terminal), for what asks for one: editors, top, sudo.
//
// Rules:
// - node-pty is no dependency, for it is compiled when it is installed. It is loaded where it is there,
//   and its absence is said in words.
// - A terminal is for eyes: it turns \n into \r\n, has one output, and when its program has ended node-pty
//   gives a reader that pauses 0.2 s for the rest. Bytes that matter go through pipes, without -t.

import { createRequire } from 'node:module';
import { closeSync, constants, openSync } from 'node:fs';
import { constants as system } from 'node:os';
import { PassThrough, Writable } from 'node:stream';
import { checkFolder } from './child.ts';
import type { Child, Exit, Launch } from './child.ts';
import { ProcessGroup } from './process-group.ts';
import { refuse } from '../both/protocol.ts';
import type { WindowSize } from '../both/protocol.ts';

/** What is used of node-pty 1.x. */
interface Terminal {
  readonly pid: number;
  /** The path of the command's side; not in node-pty's types. */
  readonly ptsName?: string;
  onData(listener: (piece: Buffer) => void): unknown;
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): unknown;
  write(bytes: Buffer): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
}

interface NodePty {
  spawn(program: string, args: readonly string[], options: object): Terminal;
}

function isNodePty(value: unknown): value is NodePty {
  return typeof value === 'object' && value !== null && 'spawn' in value;
}

/** node-pty, or undefined where it is not installed. */
function loadNodePty(): NodePty | undefined {
  try {
    // `require` looks in NODE_PATH, too: it need not be installed here.
    const loaded: unknown = createRequire(import.meta.url)('node-pty');
    return isNodePty(loaded) ? loaded : undefined;
  } catch {
    return undefined;
  }
}

/** Starts the command on a terminal. Throws a RemoteError where that is not possible. */
export function startOnTerminal(launch: Launch, window: WindowSize): Child {
  const pty = loadNodePty();
  if (pty === undefined) {
    throw refuse(
      'E_NO_TERMINAL',
      'The server cannot give a terminal: node-pty is not installed there (npm i node-pty@1.1.0).',
    );
  }
  checkFolder(launch.cwd);
  const [program = '', ...args] = launch.argv;
  const terminal = pty.spawn(program, args, {
    name: launch.env['TERM'] ?? 'xterm',
    cols: window.columns,
    rows: window.rows,
    cwd: launch.cwd,
    env: launch.env,
    encoding: null,
  });
  return toChild(terminal);
}

function toChild(terminal: Terminal): Child {
  const stdout = new PassThrough();
  const letGo = holdOpen(terminal.ptsName);
  const exited = new Promise<Exit>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      resolve(
        signal === undefined || signal === 0 ? { code: exitCode, signal: null } : named(signal),
      );
      stdout.end();
      letGo();
    });
  });
  terminal.onData((piece) => {
    if (!stdout.write(piece)) {
      terminal.pause();
    }
  });
  stdout.on('drain', () => terminal.resume());
  // A terminal that is gone takes no size.
  const resize = ({ columns, rows }: WindowSize): void => {
    try {
      terminal.resize(columns, rows);
    } catch {
      // It has just ended.
    }
  };
  // A terminal's process leads its own session, and so its own group.
  return {
    group: new ProcessGroup(terminal.pid),
    stdin: keyboardOf(terminal, exited),
    stdout,
    stderr: undefined,
    exited,
    resize,
  };
}

/** What is typed, at the speed at which the command reads it. */
function keyboardOf(terminal: Terminal, exited: Promise<Exit>): Writable {
  let over = false;
  void exited.then(() => {
    over = true;
    queueOf(terminal).length = 0;
  });
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      terminal.write(piece);
      const look = (): void => {
        if (over || queueOf(terminal).length === 0) {
          done();
        } else {
          setTimeout(look, LOOK_MS);
        }
      };
      look();
    },
    // The end of what is typed is a key of the terminal, not the end of a pipe.
    final(done) {
      terminal.write(Buffer.from([END_OF_TRANSMISSION]));
      done();
    },
  });
}

/**
 * When the last process closes its side of a terminal, Linux and libuv drop what was not read: node-pty
 * alone loses the last 3 to 15 kB of `seq 1 300000`. While this process has that side open, nothing is.
 */
function holdOpen(path: string | undefined): () => void {
  if (path === undefined) {
    return () => undefined;
  }
  const file = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  return () => closeSync(file);
}

const END_OF_TRANSMISSION = 4;
/** How often a program that does not read what is typed is looked at, in ms. */
const LOOK_MS = 10;

/**
 * What is typed and not read yet. node-pty queues it without a limit, reports nothing, and writes it to a
 * terminal that is gone; so its queue is looked at, for the client to wait, and emptied at the end.
 */
function queueOf(terminal: object): unknown[] {
  const stream: unknown = Reflect.get(terminal, '_writeStream');
  if (typeof stream !== 'object' || stream === null) {
    return [];
  }
  const queue: unknown = Reflect.get(stream, '_writeQueue');
  return Array.isArray(queue) ? queue : [];
}

function named(signal: number): Exit {
  const found = Object.entries(system.signals).find(([, number]) => number === signal);
  return { code: null, signal: found?.[0] ?? `signal ${signal}` };
}
