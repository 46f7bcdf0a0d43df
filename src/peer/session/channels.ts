// Channels of both sides: how many bytes each may send, and whose turn it is. Pure.
//
// A channel may have as many bytes under way as its receiver granted: its window at first, and then
// what was read from it. So a channel that nobody reads stops its sender and nobody else. Channels with
// something to send take turns, one message each.
//
// Ids are positive for channels opened here, negative for those opened over there; on the wire the sign
// is the sender's, so each side turns what it receives.

import type { StreamPlace } from '../../errors.ts';
import { UsageError } from '../../errors.ts';
import { newChannel } from './channel-state.ts';
import type { ChannelState, Opening } from './channel-state.ts';
import { Fifo } from './fifo.ts';
import type { Encoded, Outbox, Outgoing } from './outbox.ts';
import { violation } from './wire.ts';
import type { Json, PeerLimits } from './wire.ts';

/** What one message carries of a channel at most: 64 KiB, what one read of a socket gives. */
const PIECE_LENGTH = 64 * 1024;
/** A remote that grants more than this is wrong, not generous. */
const MAX_CREDIT = 2 ** 48;

/** Above this, more channels wait to be opened than anybody will take soon. */
const MAX_OPENING = 16_384;

export class Channels {
  readonly #outbox: Outbox;
  readonly #local: Pick<PeerLimits, 'window' | 'maxChannels'>;
  #remote: PeerLimits | undefined;
  #lastId = 0;
  #lastRemoteId = 0;
  readonly #open = new Map<number, ChannelState>();
  /** Opened by the application, while the other side takes no more. */
  readonly #opening = new Fifo<Opening>();
  #ours = 0;
  #theirs = 0;
  /** Channels that can send something now. */
  readonly #turns = new Fifo<ChannelState>();

  readonly #onRefused: (id: number, error: UsageError) => void;

  /** `onRefused` hears of those of ours that the other side would not take. */
  constructor(
    outbox: Outbox,
    local: Pick<PeerLimits, 'window' | 'maxChannels'>,
    onRefused: (id: number, error: UsageError) => void,
  ) {
    this.#outbox = outbox;
    this.#local = local;
    this.#onRefused = onRefused;
  }

  get isIdle(): boolean {
    return this.#open.size === 0;
  }

  get opening(): number {
    return this.#opening.length;
  }

  set remote(limits: PeerLimits) {
    this.#remote = limits;
    this.#admit();
  }

  /** Opens a channel and gives its id. Its bytes go out when the other side has room for it. */
  open(name: string, params: Json | undefined): number {
    if (this.#opening.length >= MAX_OPENING) {
      throw new UsageError('ERR_QUEUE_FULL', `${MAX_OPENING} channels wait to be opened.`, {
        limit: MAX_OPENING,
        hint: 'End some before opening more.',
      });
    }
    const id = this.#lastId + 1;
    const header = {
      kind: 'open',
      channel: id,
      name,
      ...(params === undefined ? {} : { params }),
    } as const;
    const encoded = this.#outbox.encode(header);
    this.#lastId = id;
    const channel = newChannel(id, 0, this.#local.window);
    this.#open.set(id, channel);
    channel.opening = this.#opening.push({ channel, encoded });
    this.#admit();
    return id;
  }

  /** `onReusable` is called when all of the bytes are out, or copied. */
  write(id: number, bytes: Uint8Array, onReusable: () => void): void {
    const channel = this.#open.get(id);
    if (channel === undefined) return;
    if (bytes.length === 0) {
      onReusable();
      return;
    }
    channel.outgoing.push({ bytes, onReusable });
    this.#takeTurn(channel);
  }

  /** No more bytes of ours, once those written are out. */
  end(id: number, onEnded: () => void): void {
    const channel = this.#open.get(id);
    if (channel === undefined) return;
    channel.onEnded = onEnded;
    this.#takeTurn(channel);
  }

  /** Ends both directions at once. What was written and not sent is dropped. */
  reset(id: number, reason: string | undefined): void {
    const channel = this.#open.get(id);
    if (channel === undefined) return;
    if (channel.opened) {
      // Before `forget`, which may open the next one: the other side must have room for that by then.
      this.#outbox.push(this.#encodeReset(id, reason), { isAnswer: id < 0 });
    } else if (channel.opening !== undefined) this.#opening.remove(channel.opening);
    this.#forget(channel);
  }

  /** A reason that does not fit is left out: ending the channel comes first. */
  #encodeReset(channel: number, reason: string | undefined): Encoded {
    try {
      return this.#outbox.encode({ kind: 'reset', channel, ...reasonOf(reason) });
    } catch {
      return this.#outbox.encode({ kind: 'reset', channel });
    }
  }

  /** So many bytes were read; the other side may send as many again, told in halves of a window. */
  consumed(id: number, length: number): void {
    const channel = this.#open.get(id);
    if (channel === undefined || channel.remoteEnded) return;
    channel.consumed += length;
    if (channel.consumed * 2 < this.#local.window) return;
    this.#outbox.answer({ kind: 'credit', channel: id, credit: channel.consumed });
    channel.allowance += channel.consumed;
    channel.consumed = 0;
  }

  /** Those that will never be opened, because the other side takes no more. */
  dropOpening(): number[] {
    const ids: number[] = [];
    for (let next = this.#opening.shift(); next !== undefined; next = this.#opening.shift()) {
      this.#open.delete(next.channel.id);
      ids.push(next.channel.id);
    }
    return ids;
  }

  /** The next message of a channel, in turn. */
  take(): Outgoing | undefined {
    for (let channel = this.#turns.shift(); channel !== undefined; channel = this.#turns.shift()) {
      channel.inTurn = false;
      if (this.#open.get(channel.id) !== channel) continue;
      if (channel.outgoing.length === 0) return this.#takeEnd(channel);
      const taken = this.#takeBytes(channel);
      this.#takeTurn(channel);
      return taken;
    }
    return undefined;
  }

  /** The other side opened one. Its id here, or undefined where there is no room for it. */
  opened(wire: number, place: StreamPlace): number | undefined {
    // Ids rise; one is left out where its opener reset it before it was sent.
    if (wire <= this.#lastRemoteId)
      throw violation(`Channel ${wire} was opened after channel ${this.#lastRemoteId}`, place);
    this.#lastRemoteId = wire;
    if (this.#theirs >= this.#local.maxChannels) {
      this.#outbox.answer({ kind: 'reset', channel: -wire, reason: 'BUSY' });
      return undefined;
    }
    this.#theirs++;
    const credit = this.#remote?.window ?? 0;
    this.#open.set(-wire, newChannel(-wire, credit, this.#local.window));
    return -wire;
  }

  /** Bytes came. The id here, or undefined where the channel is closed already. */
  received(wire: number, length: number, place: StreamPlace): number | undefined {
    const channel = this.#find(wire, place);
    if (channel === undefined) return undefined;
    if (channel.remoteEnded) throw violation(`Bytes for channel ${wire} after its end`, place);
    if (length === 0) throw violation(`No bytes for channel ${wire}`, place);
    if (length > channel.allowance) {
      throw violation(
        `${length} bytes for channel ${wire}, which may get ${channel.allowance}`,
        place,
      );
    }
    channel.allowance -= length;
    return channel.id;
  }

  granted(wire: number, credit: number, place: StreamPlace): void {
    const channel = this.#find(wire, place);
    if (channel === undefined) return;
    channel.credit += credit;
    if (channel.credit > MAX_CREDIT)
      throw violation(`A credit of ${channel.credit} bytes for channel ${wire}`, place);
    this.#takeTurn(channel);
  }

  remoteEnded(wire: number, place: StreamPlace): number | undefined {
    const channel = this.#find(wire, place);
    if (channel === undefined) return undefined;
    if (channel.remoteEnded) throw violation(`Channel ${wire} ended twice`, place);
    channel.remoteEnded = true;
    if (channel.ended) this.#forget(channel);
    return channel.id;
  }

  remoteReset(wire: number, place: StreamPlace): number | undefined {
    const channel = this.#find(wire, place);
    if (channel === undefined) return undefined;
    this.#forget(channel);
    return channel.id;
  }

  /** Undefined for one that was closed here, of which word may be under way; one never opened is wrong. */
  #find(wire: number, place: StreamPlace): ChannelState | undefined {
    const isKnown = wire > 0 ? wire <= this.#lastRemoteId : -wire <= this.#lastId;
    const channel = this.#open.get(-wire);
    if (!isKnown || channel?.opened === false)
      throw violation(`A message for channel ${wire}, which was not opened`, place);
    return channel;
  }

  #takeBytes(channel: ChannelState): Outgoing {
    const limit = Math.min(channel.credit, PIECE_LENGTH, this.#remote?.maxBodyLength ?? 0);
    const body: Uint8Array[] = [];
    const done: (() => void)[] = [];
    let room = limit;
    for (let piece = channel.outgoing.peek(); piece !== undefined && room > 0;) {
      const part = piece.bytes.subarray(0, room);
      body.push(part);
      room -= part.length;
      piece.bytes = piece.bytes.subarray(part.length);
      if (piece.bytes.length > 0) break;
      done.push(piece.onReusable);
      channel.outgoing.shift();
      piece = channel.outgoing.peek();
    }
    channel.credit -= limit - room;
    const encoded = this.#outbox.encode({ kind: 'bytes', channel: channel.id }, body);
    return { ...encoded, onReusable: () => done.forEach((onReusable) => onReusable()) };
  }

  #takeEnd(channel: ChannelState): Outgoing {
    const onTaken = channel.onEnded;
    channel.ended = true;
    if (channel.remoteEnded) this.#forget(channel);
    return { ...this.#outbox.encode({ kind: 'end', channel: channel.id }), onTaken };
  }

  /** In line once, when it can send something. */
  #takeTurn(channel: ChannelState): void {
    const hasBytes = channel.outgoing.length > 0;
    const canSend = hasBytes ? channel.credit > 0 : channel.onEnded !== undefined && !channel.ended;
    if (channel.inTurn || !canSend || !channel.opened) return;
    channel.inTurn = true;
    this.#turns.push(channel);
  }

  #forget(channel: ChannelState): void {
    this.#open.delete(channel.id);
    channel.outgoing.clear();
    if (channel.id < 0) this.#theirs--;
    else if (channel.opened) this.#ours--;
    this.#admit();
  }

  #admit(): void {
    if (this.#remote === undefined) return;
    while (this.#ours < this.#remote.maxChannels) {
      const next = this.#opening.shift();
      if (next === undefined) return;
      const { channel, encoded } = next;
      // It was encoded when the other side's limits were not known yet.
      const error = this.#outbox.misfit(encoded);
      if (error !== undefined) {
        this.#open.delete(channel.id);
        this.#onRefused(channel.id, error);
        continue;
      }
      this.#ours++;
      channel.opened = true;
      channel.credit = this.#remote.window;
      this.#outbox.push(encoded);
      this.#takeTurn(channel);
    }
  }
}

function reasonOf(reason: string | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}
