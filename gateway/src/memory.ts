// The bus inside one process. It is for one node without a broker, for tests, and for readers who want the
// shortest example of the contract. "Stored" means that every listener was called, so a message is as safe as
// the listeners make it.

import { BusError, COMMAND_MS } from './bus.ts';
import type { Bus, BusHost, Claim, CommandOptions, Holder, Outcome, UpMessage } from './bus.ts';

/** A message in the form in which listeners get it. */
export interface StoredMessage extends UpMessage {
  readonly device: string;
  /** Epoch of the claim that stored it. */
  readonly epoch: number;
}

export type UpListener = (message: StoredMessage) => void;

export interface MemoryBus extends Bus {
  /**
   * Calls `listener` with every message that is stored from now on, but not with a repeated one. Returns a
   * function that stops this.
   */
  onUp(listener: UpListener): () => void;
}

export interface MemoryOptions {
  /** Maximum length of a message in bytes. Default 1 MiB, as for a NATS server. */
  readonly maxLength?: number | undefined;
  /**
   * Maximum number of message ids that are remembered, so that a repeated message is stored only once.
   * Default 10 000.
   */
  readonly rememberedIds?: number | undefined;
}

const MIB = 1024 * 1024;
const REMEMBERED_IDS = 10_000;

interface Held {
  readonly claim: MemoryClaim;
  readonly holder: Holder;
}

class Store {
  readonly held = new Map<string, Held>();
  readonly listeners = new Set<UpListener>();
  readonly maxLength: number;
  isOpen = false;
  readonly #rememberedIds: number;
  readonly #ids = new Set<string>();

  constructor({ maxLength = MIB, rememberedIds = REMEMBERED_IDS }: MemoryOptions) {
    this.maxLength = maxLength;
    this.#rememberedIds = rememberedIds;
  }

  /** Returns whether the id is new, and remembers it. */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) {
      return false;
    }
    this.#ids.add(id);
    if (this.#ids.size > this.#rememberedIds) {
      const [oldest] = this.#ids;
      this.#ids.delete(oldest ?? '');
    }
    return true;
  }
}

class MemoryClaim implements Claim {
  readonly epoch: number;
  readonly #device: string;
  readonly #store: Store;
  #failure: BusError | undefined;

  constructor(device: string, epoch: number, store: Store) {
    this.#device = device;
    this.epoch = epoch;
    this.#store = store;
  }

  async append(message: UpMessage): Promise<void> {
    this.#failure ??= this.#problemWith(message);
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    if (this.#store.isNew(`${this.#device} ${message.id}`)) {
      for (const listener of this.#store.listeners) {
        listener({ ...message, device: this.#device, epoch: this.epoch });
      }
    }
  }

  goBack(): void {
    this.#failure = undefined;
  }

  release(): Promise<void> {
    if (this.#store.held.get(this.#device)?.claim === this) {
      this.#store.held.delete(this.#device);
    }
    return Promise.resolve();
  }

  #problemWith({ bytes }: UpMessage): BusError | undefined {
    const { held, isOpen, maxLength } = this.#store;
    if (!isOpen) {
      return closedError();
    }
    if (held.get(this.#device)?.claim !== this) {
      return new BusError('ERR_FENCED', `Device ${this.#device} has a newer connection.`);
    }
    if (bytes.length > maxLength) {
      const lengths = `${bytes.length} bytes, and the bus takes ${maxLength}`;
      return new BusError('ERR_MESSAGE_TOO_LARGE', `The message has ${lengths}.`);
    }
    return undefined;
  }
}

function closedError(): BusError {
  return new BusError('ERR_BUS_CLOSED', 'The bus is closed.');
}

class InProcess implements MemoryBus {
  readonly #store: Store;
  #epoch = 0;

  constructor(options: MemoryOptions) {
    this.#store = new Store(options);
  }

  get maxLength(): number {
    return this.#store.maxLength;
  }

  get isUp(): boolean {
    return this.#store.isOpen;
  }

  open(host: BusHost): Promise<void> {
    this.#store.isOpen = true;
    host.onState(true, 'in this process');
    return Promise.resolve();
  }

  claim(device: string, holder: Holder): Promise<Claim> {
    if (!this.#store.isOpen) {
      return Promise.reject(closedError());
    }
    const { held } = this.#store;
    const before = held.get(device);
    // Use one count for all devices: it needs no memory for a device that has gone.
    this.#epoch++;
    const claim = new MemoryClaim(device, this.#epoch, this.#store);
    held.set(device, { claim, holder });
    before?.holder.lost();
    return Promise.resolve(claim);
  }

  command(device: string, bytes: Uint8Array, options: CommandOptions = {}): Promise<Outcome> {
    const { within = COMMAND_MS } = options;
    const { held, isOpen, maxLength } = this.#store;
    if (!isOpen) {
      return Promise.resolve({ outcome: 'unreachable' });
    }
    if (bytes.length > maxLength) {
      return Promise.resolve({ outcome: 'refused' });
    }
    const holder = held.get(device)?.holder;
    return holder?.command(bytes, within) ?? Promise.resolve({ outcome: 'absent' });
  }

  onUp(listener: UpListener): () => void {
    this.#store.listeners.add(listener);
    return () => this.#store.listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#store.isOpen = false;
    this.#store.held.clear();
    return Promise.resolve();
  }
}

/** Makes a bus inside this process. Several gateways of the process may share it. */
export function memory(options: MemoryOptions = {}): MemoryBus {
  return new InProcess(options);
}
