// Messages that wait to be sent: those of control in their order first, then bytes of channels in turn.
// Pure.

import { UsageError } from '../errors.ts';
import { Fifo } from './fifo.ts';
import type { PeerCodec } from './peer-codec.ts';
import type { PeerHeader, PeerLimits } from './wire.ts';

/** One message, ready to be written. */
export interface Outgoing {
  readonly pieces: readonly Uint8Array[];
  /** To be called when the pieces were handed to the connection. */
  readonly onTaken?: (() => void) | undefined;
}

interface Entry extends Outgoing {
  readonly isAnswer: boolean;
}

const NO_BYTES = new Uint8Array(0);

export class Outbox {
  readonly #codec: PeerCodec;
  readonly #entries = new Fifo<Entry>();
  #remote: PeerLimits | undefined;
  #answers = 0;

  constructor(codec: PeerCodec) {
    this.#codec = codec;
  }

  /** From now on what the other side would refuse is refused here. */
  set remote(limits: PeerLimits) {
    this.#remote = limits;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** How many of the messages that wait were provoked by the remote alone. */
  get answers(): number {
    return this.#answers;
  }

  /** The message in bytes. Throws UsageError ERR_FRAME_UNENCODABLE before anything is queued. */
  encode(header: PeerHeader, body: readonly Uint8Array[] = []): Uint8Array[] {
    const bodyLength = body.reduce((sum, { length }) => sum + length, 0);
    const head = this.#codec.encodeHead(header, bodyLength);
    const headerLength = head.reduce((sum, { length }) => sum + length, 0) - PREFIX_LENGTH;
    this.#checkRemote('maxHeaderLength', headerLength);
    this.#checkRemote('maxBodyLength', bodyLength);
    return [...head, ...body];
  }

  push(outgoing: Outgoing): void {
    this.#entries.push({ ...outgoing, isAnswer: false });
  }

  send(header: PeerHeader, body: Uint8Array = NO_BYTES, onTaken?: () => void): void {
    this.push({ pieces: this.encode(header, body.length === 0 ? [] : [body]), onTaken });
  }

  /** As `send`, for what the remote provoked: a remote that provokes and does not read is found out. */
  answer(header: PeerHeader): void {
    this.#entries.push({ pieces: this.encode(header), isAnswer: true });
    this.#answers++;
  }

  /** Takes back a message that was pushed; false where it is out, or was never in. */
  withdraw(pieces: readonly Uint8Array[]): boolean {
    const before = this.#entries.length;
    this.#entries.remove((entry) => entry.pieces === pieces);
    return this.#entries.length < before;
  }

  take(): Outgoing | undefined {
    const entry = this.#entries.shift();
    if (entry?.isAnswer === true) this.#answers--;
    return entry;
  }

  #checkRemote(name: 'maxHeaderLength' | 'maxBodyLength', length: number): void {
    const limit = this.#remote?.[name];
    if (limit === undefined || length <= limit) return;
    const what = name === 'maxHeaderLength' ? 'header' : 'body';
    throw new UsageError(
      'ERR_FRAME_UNENCODABLE',
      `A ${what} of ${length} bytes exceeds the ${name} ${limit} of the other side.`,
      { length, limit, hint: 'Larger things go through a channel.' },
    );
  }
}

/** Bytes in front of a header. */
const PREFIX_LENGTH = 4;
