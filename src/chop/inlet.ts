// The bytes that have come from one side and have not been passed on. The inlet reads from the socket only
// when the flow asks for more, so that a slow receiver slows down the sender. A long transfer is read into
// slabs, which are filled again when their bytes have been sent.

import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { SLAB_LENGTH, Slabs } from './slabs.ts';

const NOTHING = Buffer.alloc(0);

export class Inlet {
  readonly #socket: Socket;
  readonly #reuses: boolean;
  #slabs: Slabs | undefined;
  #chunks: Buffer[] = [];
  #available = 0;
  #ended = false;
  #quiet = false;
  #reset = false;
  #nudged = false;
  #wake: () => void = () => undefined;

  /**
   * `reuses` allows the inlet to fill memory again. Give false if other code sees the bytes, because that code
   * may keep them.
   */
  constructor(socket: Socket, { reuses }: { readonly reuses: boolean }) {
    this.#socket = socket;
    this.#reuses = reuses;
    const wake = (): void => this.#wake();
    socket.on('readable', wake);
    socket.on('close', wake);
    socket.on('end', () => this.#judgeEnd());
    if (socket.readableEnded) {
      // A FIN came before we listened, and no byte before the FIN.
      this.#judgeEnd();
    }
    socket.on('error', () => {
      this.#reset = !this.#ended;
      this.#ended = true;
      this.#wake();
    });
  }

  get available(): number {
    return this.#available;
  }

  /** Whether FIN or RST has come, so that no more bytes will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether a RST has come. Bytes that came before the RST may still be passed on. */
  get reset(): boolean {
    return this.#reset;
  }

  /** Whether the proxy has ended the connection before the sender did. */
  get gone(): boolean {
    return this.#socket.destroyed && !this.#ended;
  }

  /** Whether no byte came during the last wait. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /** Ends the wait in `more`, because the flow has something else to do. */
  nudge(): void {
    this.#nudged = true;
    this.#wake();
  }

  /**
   * Waits for the next chunk, for at most `patience` ms. Returns `undefined` if no byte came in time, if no
   * byte will come any more, or after a nudge.
   */
  async more(patience?: number): Promise<Buffer | undefined> {
    this.#quiet = false;
    this.#nudged = false;
    for (let waited = false; ;) {
      const chunk = this.#read();
      if (chunk !== undefined) {
        return chunk;
      }
      if (this.#ended || this.#nudged || this.#socket.destroyed) {
        return undefined;
      }
      if (waited) {
        break;
      }
      waited = !(await this.#sign(patience));
      // The timer may have fired late because this process was busy. So look once more: bytes that are here
      // by now have come in time.
      if (waited) {
        await turn();
      }
    }
    this.#quiet = true;
    return undefined;
  }

  /**
   * Takes the next `length` bytes, as the parts in which they came. The caller must check `available` first.
   * The parts are valid until the next call of `take`, so they must be sent by then.
   */
  take(length: number): readonly Uint8Array[] {
    this.#slabs?.reclaim();
    const parts: Uint8Array[] = [];
    this.#available -= length;
    for (let left = length; left > 0;) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) {
        break;
      }
      const part = chunk.subarray(0, left);
      parts.push(part);
      left -= part.length;
      if (part.length < chunk.length) {
        this.#chunks[0] = chunk.subarray(part.length);
      } else {
        this.#chunks.shift();
        this.#slabs?.giveBack(chunk);
      }
    }
    return parts;
  }

  /**
   * Finds out whether an 'end' was a FIN. If a RST follows directly behind bytes, Node emits 'end', too,
   * because libuv takes the hang-up for an end. A write of zero bytes tells the two apart: on a connection
   * that was reset, the write fails with an 'error'.
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
    if (this.#reuses && chunk.length >= SLAB_LENGTH) {
      this.#slabs ??= new Slabs(this.#socket);
    }
    return chunk;
  }

  /**
   * Resolves to true when something happened on the socket, or after a nudge, and to false after `patience`
   * ms.
   */
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
