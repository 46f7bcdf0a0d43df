// The bytes that have come from one side and have not been passed on. Reads from the socket only when
// it is asked to, so that a sender is slowed down by whoever does not take its bytes.

import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

export class Inlet {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #available = 0;
  #ended = false;
  #quiet = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = (): void => this.#wake();
    socket.on('readable', wake);
    socket.on('close', wake);
    socket.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  get available(): number {
    return this.#available;
  }

  /** The sender has sent its FIN, and all in front of it is here. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Nothing more will come, and not because the sender has ended. */
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
      if (chunk !== undefined) return chunk;
      if (this.#ended || this.#socket.destroyed) return undefined;
      if (waited) break;
      waited = !(await this.#sign(patience));
      // This process may have been late, and not the sender: what is here already counts.
      if (waited) await turn();
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

  #read(): Buffer | undefined {
    const chunk: unknown = this.#socket.read();
    if (!Buffer.isBuffer(chunk)) return undefined;
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    return chunk;
  }

  /** True when something happened; false when `patience` ms went by. */
  #sign(patience: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = patience === undefined ? undefined : setTimeout(() => resolve(false), patience);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
