// Asks the kernel for single sockets (sock_diag(7)), on one Linux machine. tables/sock-diag.ts makes and
// reads the messages.
//
// Node cannot open a netlink socket, so a Perl process of a few lines carries the messages. Perl belongs to
// the base system of most distributions. A look costs some 0.1 ms, however many connections there are.
// Reading a table of /proc costs milliseconds (proc-tables.ts).
//
// Rules:
// - The process is started with the first question. It ends when its input ends, even if this process
//   crashes.
// - Without Perl, or if the kernel refuses, no question gets an answer, and the caller reads the tables
//   instead.

import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { REQUEST_LENGTH } from './tables/sock-diag.ts';

/** The numbers AF_NETLINK, SOCK_RAW and NETLINK_SOCK_DIAG. */
const NETLINK = [16, 3, 4].join();
/**
 * Maximum number of requests that the kernel gets at once. It has a maximum because the replies must fit into
 * the queue of the socket.
 */
const MOST_AT_ONCE = 32;
/**
 * Program that sends requests to the kernel. For each request it writes the length of the reply in two bytes,
 * and then the reply.
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
/** Time in ms for an answer. When it is over, the child counts as hanging, and is ended. */
const PATIENCE = 1000;

type Child = ChildProcessByStdio<Writable, Readable, null>;
type Tell = (reply: Uint8Array | undefined) => void;

/** Sets whether a stream of the child keeps this process alive. It does so while a question waits. */
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

  /** `patience` is the time in ms for an answer, after which the child counts as hanging. */
  constructor(patience: number = PATIENCE) {
    this.#patience = patience;
  }

  /**
   * Resolves to the kernel's reply to a request, or to `undefined` if the kernel cannot be asked or does not
   * answer in time.
   */
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

  /** Ends the process. Questions that wait, and all later questions, get `undefined`. */
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
    // Give the child its own process group: an interrupt at the terminal then reaches only this process,
    // which ends the child itself.
    const child = spawn('perl', ['-e', CARRIER], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] },
      detached: true,
    });
    const end = (): void => this.close();
    child.on('error', end);
    if (child.pid === undefined) {
      // Perl was not started. If this process has no descriptors left, Node has not even made the pipes.
      this.#state = 'ended';
      return;
    }
    this.#child = child;
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
