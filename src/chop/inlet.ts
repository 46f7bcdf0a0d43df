// The bytes that have come from one side and have not been passed on. Reads from the socket only when
// it is asked to, so that a sender is slowed down by whoever does not take its bytes.

import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

const NOTHING = Buffer.alloc(0);

export class Inlet {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #available = 0;
  #ended = false;
  #quiet = false;
  #reset = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = (): void => this.#wake();
    socket.on('readable', wake);
    socket.on('close', wake);
    socket.on('end', () => this.#judgeEnd());
    if (socket.readableEnded) {
      this.#judgeEnd();
    } // A FIN and nothing else, before anybody listened.
    socket.on('error', () => {
      this.#reset = !this.#ended;
      this.#ended = true;
      this.#wake();
    });
  }

  get available(): number {
    return this.#available;
  }

  /** Nothing more will come: a FIN, or a RST. */
  get ended(): boolean {
    return this.#ended;
  }

  /** It ended with a RST. What came before it may still be passed on. */
  get reset(): boolean {
    return this.#reset;
  }

  /** This side of the proxy has ended it. */
  get gone(): boolean {
    return this.#socket.destroyed && !this.#ended;
  }

  /** The last wait for more was in vain. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /**
   * Waits for more, at most `patience` ms, and returns it; `undefined` when nothing came in time, or
   * will come any more.
   */
  async more(patience?: number): Promise<Buffer | undefined> {
    this.#quiet = false;
    for (let waited = false; ;) {
      const chunk = this.#read();
      if (chunk !== undefined) {
        return chunk;
      }
      if (this.#ended || this.#socket.destroyed) {
        return undefined;
      }
      if (waited) {
        break;
      }
      waited = !(await this.#sign(patience));
      // This process may have been late, and not the sender: what is here already counts.
      if (waited) {
        await turn();
      }
    }
    this.#quiet = true;
    return undefined;
  }

  /** The next bytes, of which there must be as many. */
  take(length: number): Uint8Array {
    const [first] = this.#chunks;
    const whole =
      first !== undefined && first.length >= length ? first : Buffer.concat(this.#chunks);
    const rest = whole.subarray(length);
    const behind = whole === first ? this.#chunks.slice(1) : [];
    this.#chunks = rest.length > 0 ? [rest, ...behind] : behind;
    this.#available -= length;
    return whole.subarray(0, length);
  }

  /**
   * A RST that comes right behind bytes is an 'end' for Node (libuv takes the hang-up for one). Writing
   * nothing tells them apart: it fails on a connection that was reset, and that is an 'error'.
   */
  #judgeEnd(): void {
    const accept = (error?: Error | null): void => {
      if (error !== undefined && error !== null) {
        return;
      }
      this.#ended = true;
      this.#wake();
    };
    const probing = this.#socket.writable && this.#socket.writableLength === 0;
    if (probing) {
      this.#socket.write(NOTHING, accept);
    } else {
      accept();
    }
  }

  #read(): Buffer | undefined {
    const chunk: unknown = this.#socket.read();
    if (!Buffer.isBuffer(chunk)) {
      return undefined;
    }
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    return chunk;
  }

  /** True when something happened; false when `patience` ms went by. */
  #sign(patience: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const limited = patience !== undefined && patience !== Infinity;
      const timer = limited ? setTimeout(() => resolve(false), patience) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
