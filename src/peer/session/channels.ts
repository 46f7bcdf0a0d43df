// The channels of both sides: how many bytes each channel may send, and which channel has its turn. This file
// is pure.
//
// A channel may have as many bytes under way as its receiver has granted. The first grant is the window.
// Further grants are for bytes that were read. So a channel whose receiver does not read stops its own sender
// and no other channel. Channels that have something to send take turns, with one message each.
//
// The id of a channel that this side opened is positive, and the id of a channel that the remote opened is
// negative. On the wire an id has the sign that it has for the sender, so each side negates the ids that it
// receives.

import type { StreamPlace, UnstickError } from '../../errors.ts';
import { Budget } from './budget.ts';
import { newChannel } from './channel-state.ts';
import type { ChannelState, Opening } from './channel-state.ts';
import { Fifo } from './fifo.ts';
import type { Encoded, Outbox, Outgoing } from './outbox.ts';
import { tooManyWait } from './peer-errors.ts';
import { stalledAmong } from './stall.ts';
import type { Stall } from './stall.ts';
import { violation } from './wire.ts';
import type { Json, PeerLimits } from './wire.ts';
import { quantity } from '../../text.ts';

/**
 * Maximum number of bytes of a channel in one message: 64 KiB, the largest number that one read of a socket
 * gives.
 */
const PIECE_LENGTH = 64 * 1024;
/** Maximum credit of a channel. A remote that grants more breaks the protocol. */
const MAX_CREDIT = 2 ** 48;
/** Credit below which a grant counts as waste. For a remote with a small window it is half of that window. */
const SMALL_CREDIT = 1024;
/** Maximum number of channels that wait to be opened. */
const MAX_OPENING = 16_384;
/**
 * Number of messages that the remote may still have under way for a channel when this side resets the
 * channel.
 */
const LATE_MESSAGES = 16;
/** Maximum number of late messages of all channels together. Further late messages count as waste. */
const MAX_LATE_MESSAGES = 4096;

export interface ChannelHooks {
  /** Called when the opening of a channel of this side is too long for the remote. */
  refused(id: number, error: UnstickError): void;
  /** Called when the remote sent a message that costs this side something and has no effect. */
  waste(): void;
  /** Called when a channel stood still for too long, and was reset. */
  stalled(id: number, stall: Stall): void;
}

export class Channels {
  readonly #outbox: Outbox;
  readonly #local: PeerLimits;
  readonly #hooks: ChannelHooks;
  #remote: PeerLimits | undefined;
  #lastId = 0;
  #lastRemoteId = 0;
  readonly #open = new Map<number, ChannelState>();
  /** Channels that the application has opened and for which the remote has no room yet. */
  readonly #opening = new Fifo<Opening>();
  #ours = 0;
  /** Highest number of channels that this side has had open at once. */
  mostOurs = 0;
  #theirs = 0;
  readonly #theirHeaders: Budget;
  #ourHeaders = new Budget(Infinity);
  /** Channels that can send something now. */
  readonly #turns = new Fifo<ChannelState>();
  /** Number of messages that an honest remote may still send for channels that this side has forgotten. */
  #late = 0;
  /** Whether, since the last sweep, a channel of this side has ended and made room for another one. */
  #hasAdmitted = false;

  constructor(outbox: Outbox, local: PeerLimits, hooks: ChannelHooks) {
    this.#outbox = outbox;
    this.#local = local;
    this.#hooks = hooks;
    this.#theirHeaders = new Budget(local.maxPendingHeaderLength);
  }

  get isIdle(): boolean {
    return this.#open.size === 0;
  }

  get opening(): number {
    return this.#opening.length;
  }

  set remote(limits: PeerLimits) {
    this.#remote = limits;
    this.#ourHeaders = new Budget(limits.maxPendingHeaderLength);
    this.#admit();
  }

  /** Opens a channel and returns its id. Its bytes go out when the remote has room for the channel. */
  open(name: string, params: Json | undefined, onOpened: () => void): number {
    if (this.#opening.length >= MAX_OPENING) {
      throw tooManyWait('channels wait to be opened', MAX_OPENING, 'End some before opening more.');
    }
    const id = this.#lastId + 1;
    const header = {
      kind: 'open',
      channel: id,
      name,
      ...(params === undefined ? {} : { params }),
    } as const;
    const encoded = this.#outbox.encode(header);
    this.#outbox.checkRoom(encoded);
    this.#lastId = id;
    const { headerLength } = encoded;
    const channel = newChannel(id, { credit: 0, allowance: this.#local.window, headerLength });
    this.#open.set(id, channel);
    this.#outbox.hold(encoded);
    channel.opening = this.#opening.push({ channel, encoded, onOpened });
    this.#admit();
    return id;
  }

  /**
   * Writes pieces. `onWritten` is called when the caller may change the bytes again and few bytes of the
   * channel wait.
   */
  write(id: number, pieces: readonly Uint8Array[], onWritten: () => void): void {
    const channel = this.#open.get(id);
    if (channel === undefined) {
      return;
    }
    channel.output.write(pieces, onWritten);
    this.#takeTurn(channel);
  }

  /** Ends this side's half, after all bytes that were written. */
  end(id: number, onEnded: () => void): void {
    const channel = this.#open.get(id);
    if (channel === undefined) {
      return;
    }
    channel.onEnded = onEnded;
    if (channel.ours === 'open') {
      channel.ours = 'ending';
    }
    this.#takeTurn(channel);
  }

  /** Ends both directions at once. Bytes that were written and not sent are dropped. */
  reset(id: number, reason: string | undefined): void {
    const channel = this.#open.get(id);
    if (channel === undefined) {
      return;
    }
    if (channel.ours === 'waiting') {
      this.#leaveLine(channel);
    } else {
      // Send the reset before `#forget`, which may open the next channel: at the remote the reset makes the
      // room for that channel.
      this.#outbox.reset(id, reason, id < 0);
      this.#late = Math.min(this.#late + LATE_MESSAGES, MAX_LATE_MESSAGES);
    }
    this.#forget(channel);
  }

  /**
   * Called when bytes were read. Once at least half a window was read since the last grant, grants the remote
   * that number of bytes again. Grants nothing when the remote has ended its half.
   */
  consumed(id: number, length: number): void {
    const channel = this.#open.get(id);
    if (channel === undefined) {
      return;
    }
    channel.unread -= length;
    channel.hasMoved = true;
    if (channel.theirs === 'ended') {
      return;
    }
    channel.consumed += length;
    if (channel.consumed * 2 < this.#local.window) {
      return;
    }
    this.#outbox.answer({ kind: 'credit', channel: id, credit: channel.consumed });
    channel.allowance += channel.consumed;
    channel.consumed = 0;
  }

  /** Drops the channels that wait to be opened, because the remote will open no more. Returns their ids. */
  dropOpening(): number[] {
    const ids: number[] = [];
    for (let next = this.#opening.peek(); next !== undefined; next = this.#opening.peek()) {
      this.#leaveLine(next.channel);
      this.#open.delete(next.channel.id);
      ids.push(next.channel.id);
    }
    return ids;
  }

  /** Resets the channels on which nothing moved for `timeout` ms although something waits. */
  sweep(now: number, timeout: number): void {
    const stalled = stalledAmong([...this.#open.values()], this.#hasAdmitted, { now, timeout });
    this.#hasAdmitted = false;
    for (const [id, stall] of stalled) {
      this.reset(id, 'STALLED');
      this.#hooks.stalled(id, stall);
    }
  }

  /** Takes the next message of the channel that has its turn. */
  take(): Outgoing | undefined {
    for (let channel = this.#turns.shift(); channel !== undefined; channel = this.#turns.shift()) {
      channel.inTurn = false;
      if (this.#open.get(channel.id) !== channel) {
        continue;
      }
      if (channel.output.length === 0) {
        return this.#takeEnd(channel);
      }
      const taken = this.#takeBytes(channel);
      this.#takeTurn(channel);
      return taken;
    }
    return undefined;
  }

  /**
   * Called when the remote opened a channel. Returns its id here. If there is no room or no handler, resets
   * the channel and returns `undefined`.
   */
  opened(
    wire: number,
    { isHandled, headerLength }: { readonly isHandled: boolean; readonly headerLength: number },
    place: StreamPlace,
  ): number | undefined {
    // Ids rise. An id is missing if the opener reset that channel before its opening was sent.
    if (wire <= this.#lastRemoteId) {
      throw violation(`Channel ${wire} was opened after channel ${this.#lastRemoteId}`, place);
    }
    this.#lastRemoteId = wire;
    const hasRoom = this.#theirs < this.#local.maxChannels && this.#theirHeaders.fits(headerLength);
    if (!hasRoom || !isHandled) {
      const reason = hasRoom ? 'NO_HANDLER' : 'BUSY';
      this.#outbox.answer({ kind: 'reset', channel: -wire, reason });
      this.#hooks.waste();
      return undefined;
    }
    this.#theirs++;
    this.#theirHeaders.hold(headerLength);
    const credit = this.#remote?.window ?? 0;
    const allowance = this.#local.window;
    this.#open.set(-wire, newChannel(-wire, { credit, allowance, headerLength }));
    return -wire;
  }

  /**
   * Called when bytes came. Returns the id that the channel has here, or `undefined` if the channel is
   * already over.
   */
  received(wire: number, length: number, place: StreamPlace): number | undefined {
    const channel = this.#findOrCount(wire, place);
    if (channel === undefined) {
      return undefined;
    }
    if (channel.theirs === 'ended') {
      throw violation(`Bytes for channel ${wire} after its end`, place);
    }
    if (length === 0) {
      throw violation(`A message without bytes for channel ${wire}`, place);
    }
    if (length > channel.allowance) {
      throw violation(
        `${quantity(length, 'byte')} for channel ${wire}, which may get only ${channel.allowance}`,
        place,
      );
    }
    channel.allowance -= length;
    channel.unread += length;
    channel.hasMoved = true;
    return channel.id;
  }

  granted(wire: number, credit: number, place: StreamPlace): void {
    if (credit < Math.min(SMALL_CREDIT, (this.#remote?.window ?? 0) / 2)) {
      this.#hooks.waste();
    }
    const channel = this.#findOrCount(wire, place);
    if (channel === undefined) {
      return;
    }
    channel.credit += credit;
    channel.hasMoved = true;
    if (channel.credit > MAX_CREDIT) {
      throw violation(
        `Channel ${wire} has a credit of ${channel.credit} bytes, more than 2^48`,
        place,
      );
    }
    this.#takeTurn(channel);
  }

  remoteEnded(wire: number, place: StreamPlace): number | undefined {
    const channel = this.#findOrCount(wire, place);
    if (channel === undefined) {
      return undefined;
    }
    if (channel.theirs === 'ended') {
      throw violation(`Channel ${wire} ended twice`, place);
    }
    channel.theirs = 'ended';
    channel.hasMoved = true;
    if (channel.ours === 'ended') {
      this.#forget(channel);
    }
    return channel.id;
  }

  remoteReset(wire: number, place: StreamPlace): number | undefined {
    const channel = this.#findOrCount(wire, place);
    if (channel === undefined) {
      return undefined;
    }
    if (channel.id < 0) {
      this.#hooks.waste();
    }
    this.#forget(channel);
    return channel.id;
  }

  /**
   * Finds the channel that a message of the remote is for. Throws ProtocolError for a channel that was never
   * opened. For a channel that is over, returns `undefined` and counts the message: as late, because the
   * remote may not know yet that the channel is over, or as waste after too many late messages.
   */
  #findOrCount(wire: number, place: StreamPlace): ChannelState | undefined {
    const isKnown = wire > 0 ? wire <= this.#lastRemoteId : -wire <= this.#lastId;
    const channel = this.#open.get(-wire);
    if (!isKnown || channel?.ours === 'waiting') {
      throw violation(`A message for channel ${wire}, which was not opened`, place);
    }
    if (channel === undefined) {
      if (this.#late > 0) {
        this.#late--;
      } else {
        this.#hooks.waste();
      }
    }
    return channel;
  }

  #takeBytes(channel: ChannelState): Outgoing {
    const limit = Math.min(channel.credit, PIECE_LENGTH, this.#remote?.maxBodyLength ?? 0);
    const { body, onReusable } = channel.output.take(limit);
    const encoded = this.#outbox.encodeBytes(channel, body);
    channel.credit -= encoded.bodyLength;
    channel.hasMoved = true;
    channel.output.settle();
    return { ...encoded, onReusable };
  }

  #takeEnd(channel: ChannelState): Outgoing {
    const onTaken = channel.onEnded;
    channel.ours = 'ended';
    channel.hasMoved = true;
    if (channel.theirs === 'ended') {
      this.#forget(channel);
    }
    return { ...this.#outbox.encode({ kind: 'end', channel: channel.id }), onTaken };
  }

  /** Gives the channel a turn if it can send something and does not wait for a turn already. */
  #takeTurn(channel: ChannelState): void {
    const { ours, output, credit } = channel;
    const canSend = output.length > 0 ? credit > 0 : ours === 'ending';
    if (channel.inTurn || !canSend || ours === 'waiting') {
      return;
    }
    channel.inTurn = true;
    this.#turns.push(channel);
  }

  #forget(channel: ChannelState): void {
    this.#open.delete(channel.id);
    channel.output.clear();
    // The remote may have sent a credit for this channel already, so expect one late message.
    this.#late = Math.min(this.#late + 1, MAX_LATE_MESSAGES);
    if (channel.id < 0) {
      this.#theirs--;
      this.#theirHeaders.release(channel.headerLength);
    } else if (channel.ours !== 'waiting') {
      this.#ours--;
      this.#ourHeaders.release(channel.headerLength);
      this.#hasAdmitted = true;
    }
    this.#admit();
  }

  #leaveLine({ opening }: ChannelState): void {
    if (opening !== undefined && this.#opening.remove(opening)) {
      this.#outbox.release(opening.item.encoded);
    }
  }

  /** Opens waiting channels while the remote has room for them. */
  #admit(): void {
    if (this.#remote === undefined) {
      return;
    }
    for (let next = this.#opening.peek(); next !== undefined; next = this.#opening.peek()) {
      const { channel, encoded, onOpened } = next;
      const { headerLength } = encoded;
      if (this.#ours >= this.#remote.maxChannels || !this.#ourHeaders.fits(headerLength)) {
        return;
      }
      this.#leaveLine(channel);
      // Check again: the opening may have been encoded before the remote's limits were known.
      const error = this.#outbox.misfit(encoded);
      if (error === undefined) {
        this.#send(channel, encoded, this.#remote.window);
        onOpened();
      } else {
        this.#open.delete(channel.id);
        this.#hooks.refused(channel.id, error);
      }
    }
  }

  #send(channel: ChannelState, encoded: Encoded, window: number): void {
    this.#ours++;
    this.mostOurs = Math.max(this.mostOurs, this.#ours);
    this.#ourHeaders.hold(channel.headerLength);
    channel.ours = channel.onEnded === undefined ? 'open' : 'ending';
    channel.credit = window;
    channel.hasMoved = true;
    this.#outbox.push(encoded);
    this.#takeTurn(channel);
  }
}
