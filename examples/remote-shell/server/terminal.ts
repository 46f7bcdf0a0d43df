// Runs a command on a pseudo-terminal, for programs that need one: editors, top, sudo.
//
// Rules:
// - node-pty is no dependency, because installing it compiles it. The server loads it where it is installed,
//   and otherwise refuses with a sentence.
// - A terminal changes bytes: it turns \n into \r\n and has one output. After the program has ended, a reader
//   that pauses has 0.2 s for the rest. So use pipes, without -t, for bytes that matter.

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
    // `require` also looks in NODE_PATH, so node-pty need not be installed here.
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
  // node-pty reports a program that cannot be started as one that ended with status 1.
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

/** Takes typed text at the speed at which the command reads it. */
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
    // A terminal ends its input with a key, not with the end of a pipe.
    final(done) {
      terminal.write(Buffer.from([END_OF_TRANSMISSION]));
      done();
    },
  });
}

/**
 * Keeps the side of the command open. When the last process closes that side, Linux and libuv drop unread
 * output: node-pty alone loses the last 3 to 15 kB of `seq 1 300000`.
 */
function holdOpen(path: string | undefined): () => void {
  if (path === undefined) {
    return () => undefined;
  }
  const file = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  return () => closeSync(file);
}

const END_OF_TRANSMISSION = 4;
/** Time in ms between two looks at the input that the program has not read. */
const LOOK_MS = 10;

/**
 * The typed text that the program has not read yet. node-pty queues it without a limit and reports nothing,
 * and it writes to a terminal that is gone. So we look at its queue to make the client wait, and empty it
 * at the end.
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
