// Asks the kernel for single sockets (sock_diag(7)), on one Linux machine. What the messages mean:
// tables/sock-diag.ts.
//
// Node opens no netlink socket, so a Perl process of a few lines carries the messages; Perl belongs to
// the base system of most distributions. A look costs some 0.1 ms, however many connections there are,
// where a table of /proc costs milliseconds: see proc-tables.ts.
//
// Rules:
// - The process is started with the first question, and ends when its input does, whatever happens here.
// - Without Perl, or where the kernel refuses, every question is left unanswered, and the caller looks
//   into the tables instead.

import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { REQUEST_LENGTH } from './tables/sock-diag.ts';

/** AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG. */
const NETLINK = [16, 3, 4].join();
/**
 * Maximum number of requests that the kernel gets at once: their replies must fit into the queue of the
 * socket.
 */
const MOST_AT_ONCE = 32;
/**
 * Program that sends requests to the kernel. For each it writes one reply, behind the length of the reply in
 * two bytes.
 */
const CARRIER = `
socket(my $kernel, ${NETLINK}) or exit 1;
while (my $got = sysread STDIN, my $asked, ${MOST_AT_ONCE * REQUEST_LENGTH}) {
  while (my $more = $got % ${REQUEST_LENGTH}) {
    $got += sysread(STDIN, $asked, ${REQUEST_LENGTH} - $more, $got) || exit;
  }
  defined send($kernel, $asked, 0) or exit 1;
  for (1 .. $got / ${REQUEST_LENGTH}) {
    defined recv($kernel, my $told, 8192, 0) or exit 1;
    defined syswrite(STDOUT, pack('n/a*', $told)) or exit 1;
  }
}`;
/** Time in ms for an answer. Then the child counts as hanging. */
const PATIENCE = 1000;

type Child = ChildProcessByStdio<Writable, Readable, null>;
type Tell = (reply: Uint8Array | undefined) => void;

/** Makes a stream of the child keep this process alive, while a question waits, or lets this process end. */
function hold(stream: Readable, isHeld: boolean): void {
  if (stream instanceof Socket) {
    if (isHeld) {
      stream.ref();
    } else {
      stream.unref();
    }
  }
}

export class SockDiag {
  #child: Child | undefined;
  #state: 'new' | 'running' | 'ended' = 'new';
  #waiting: Tell[] = [];
  #received: Buffer = Buffer.alloc(0);
  readonly #patience: number;
  #timer: NodeJS.Timeout | undefined;

  /** `patience`: time in ms for an answer, after which the child counts as hanging. */
  constructor(patience: number = PATIENCE) {
    this.#patience = patience;
  }

  /** The kernel's reply to a request; `undefined` where there is no way to ask. */
  ask(request: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#state === 'new') {
      this.#start();
    }
    const child = this.#child;
    if (child === undefined) {
      return Promise.resolve(undefined);
    }
    return new Promise((tell) => {
      this.#waiting.push(tell);
      if (this.#waiting.length === 1) {
        hold(child.stdout, true);
        this.#timer = setTimeout(() => this.close(), this.#patience);
      }
      child.stdin.write(request);
    });
  }

  /** Ends the process. Questions from now on are left unanswered. */
  close(): void {
    this.#state = 'ended';
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = undefined;
    child?.stdin.destroy();
    child?.stdout.destroy();
    child?.kill('SIGKILL');
    for (const tell of this.#waiting.splice(0)) {
      tell(undefined);
    }
  }

  #start(): void {
    this.#state = 'running';
    // A group of its own: an interrupt at the terminal is for this process, which then ends the child.
    const child = spawn('perl', ['-e', CARRIER], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] },
      detached: true,
    });
    this.#child = child;
    const end = (): void => this.close();
    child.on('error', end);
    child.on('exit', end);
    child.stdin.on('error', end);
    child.stdout.on('error', end);
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    child.unref();
    hold(child.stdout, false);
    if (child.stdin instanceof Socket) {
      child.stdin.unref();
    }
  }

  #take(chunk: Buffer): void {
    let rest = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE()) {
      const end = 2 + rest.readUInt16BE();
      this.#waiting.shift()?.(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
    this.#received = rest;
    clearTimeout(this.#timer);
    if (this.#waiting.length > 0) {
      this.#timer = setTimeout(() => this.close(), this.#patience);
    } else if (this.#child !== undefined) {
      hold(this.#child.stdout, false);
    }
  }
}
