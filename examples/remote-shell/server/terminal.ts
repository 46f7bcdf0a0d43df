// Runs a command on a pseudo-terminal, for programs that need one: editors, top, sudo.
//
// Rules:
// - node-pty is not a dependency, because installing it compiles C++. The server loads it if it is installed,
//   and otherwise refuses with a sentence.
// - A terminal turns \n into \r\n and has one output. After the program has ended, a reader has only 0.2 s to
//   read the rest. So if the exact bytes matter, use pipes: leave out -t.

import { createRequire } from 'node:module';
import { closeSync, constants, openSync } from 'node:fs';
import { constants as system } from 'node:os';
import { PassThrough, Writable } from 'node:stream';
import { checkFolder } from './child.ts';
import type { Child, Exit } from './child.ts';
import type { Launch } from './program.ts';
import { ProcessGroup } from './process-group.ts';
import { checkProgram, plainLaunch } from './program.ts';
import { refuse } from '../both/protocol.ts';
import type { WindowSize } from '../both/protocol.ts';

/** The part of node-pty 1.x that we use. */
interface Terminal {
  readonly pid: number;
  /** The path of the command's side of the terminal. It is not in node-pty's types. */
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

/** node-pty, or undefined if it is not installed. */
function loadNodePty(): NodePty | undefined {
  try {
    // `require` also looks in NODE_PATH, so node-pty need not be installed here.
    const loaded: unknown = createRequire(import.meta.url)('node-pty');
    return isNodePty(loaded) ? loaded : undefined;
  } catch {
    return undefined;
  }
}

/** Starts the command on a terminal. Throws a RemoteError if that is not possible. */
export function startOnTerminal(launch: Launch, window: WindowSize): Child {
  const pty = loadNodePty();
  if (pty === undefined) {
    throw refuse(
      'E_NO_TERMINAL',
      'The server cannot give a terminal: node-pty is not installed there (npm i node-pty@1.1.0).',
    );
  }
  checkFolder(launch.cwd);
  // If the program cannot be started, node-pty would only report an exit with status 1.
  checkProgram(launch);
  const { argv, cwd, env } = plainLaunch(launch);
  const [program = '', ...args] = argv;
  const terminal = pty.spawn(program, args, {
    name: env['TERM'] ?? 'xterm',
    cols: window.columns,
    rows: window.rows,
    cwd,
    env,
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
  // node-pty throws if the terminal has ended.
  const resize = ({ columns, rows }: WindowSize): void => {
    try {
      terminal.resize(columns, rows);
    } catch {
      // The terminal has just ended.
    }
  };
  // The process on a terminal leads its own session, and so its own group.
  return {
    group: new ProcessGroup(terminal.pid),
    stdin: keyboardOf(terminal, exited),
    stdout,
    stderr: undefined,
    exited,
    resize,
  };
}

/** The keyboard of the terminal. It takes typed text only as fast as the command reads. */
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
    // The end of the input is a key on a terminal (Ctrl-D), not the end of a pipe.
    final(done) {
      terminal.write(Buffer.from([END_OF_TRANSMISSION]));
      done();
    },
  });
}

/**
 * Keeps the command's side of the terminal open. When the last process closes that side, Linux and libuv drop
 * unread output: without this, node-pty loses the last 3 to 15 kB of `seq 1 300000`.
 */
function holdOpen(path: string | undefined): () => void {
  if (path === undefined) {
    return () => undefined;
  }
  const file = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  return () => closeSync(file);
}

const END_OF_TRANSMISSION = 4;
/** Time in ms between two checks whether the program has read its input. */
const LOOK_MS = 10;

/**
 * node-pty's queue of typed text that the program has not read yet. node-pty has no limit for it, does not
 * report when it is empty, and still writes it to a terminal that has ended. So we check the queue to make
 * the client wait, and empty it at the end.
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
