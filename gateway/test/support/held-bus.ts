// A bus whose appends wait while it is held, as those of a slow or paused broker do.

import { memory } from '../../src/index.ts';
import type {
  Bus,
  BusHost,
  Claim,
  CommandOptions,
  Holder,
  MemoryBus,
  Outcome,
} from '../../src/index.ts';

export class HeldBus implements Bus {
  readonly inner: MemoryBus = memory();
  /** Called with each append, before it waits. */
  onAppend: () => void = () => undefined;
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  get maxLength(): number {
    return this.inner.maxLength;
  }

  get isUp(): boolean {
    return this.inner.isUp;
  }

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  free(): void {
    this.#open();
  }

  open(host: BusHost): Promise<void> {
    return this.inner.open(host);
  }

  async claim(device: string, holder: Holder): Promise<Claim> {
    const claim = await this.inner.claim(device, holder);
    return {
      epoch: claim.epoch,
      append: async (message) => {
        this.onAppend();
        await this.#gate;
        await claim.append(message);
      },
      goBack: () => claim.goBack(),
      release: () => claim.release(),
    };
  }

  command(device: string, given: Uint8Array, options?: CommandOptions): Promise<Outcome> {
    return this.inner.command(device, given, options);
  }

  close(): Promise<void> {
    this.free();
    return this.inner.close();
  }
}
