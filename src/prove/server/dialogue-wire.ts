// A wire that plays one side of a dialogue. It takes the bytes of that side as one stream, cut as a
// schedule says, and holds back each step until the remote has said what stands before it. It puts the
// values of this connection into what it sends, and their names in their place in what it hears.
//
//   prover ── bytes of the rehearsal ──→ output ── bytes of this connection ──→ remote
//   prover ←── values blanked ── input ←── as it came ── remote
//
// Rules:
// - The n-th byte of a step here is the n-th byte of that step in the rehearsal, so that a cut falls on
//   the same place of every connection.
// - What the remote says beside the script is passed on as it came: the prover judges it.

import { PassThrough, Writable } from 'node:stream';
import type { Dialogue, Speaker, SpokenStep } from '../dialogue/dialogue.ts';
import { asError } from '../../errors.ts';
import { isSpoken } from '../dialogue/dialogue.ts';
import { capturesIn, heardLength, render } from '../dialogue/steps.ts';
import type { Captured } from '../dialogue/steps.ts';
import type { Wire } from './target.ts';

export interface DialoguePlay {
  readonly dialogue: Dialogue;
  /** The side whose steps are sent. The remote is under test. */
  readonly speaker: Speaker;
  /** Number of bytes that each step of the speaker had in the rehearsal. */
  readonly lengths: readonly number[];
  /** Time in ms to wait for a step of the remote. */
  readonly patience: number;
}

const NOTHING = Buffer.alloc(0);

/** Follows in the script what the remote says. */
class Listener {
  readonly values = new Map<string, Uint8Array>();
  readonly #steps: readonly { readonly index: number; readonly step: SpokenStep }[];
  #at = 0;
  #waiting = NOTHING;
  #passed = 0;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor({ dialogue, speaker }: DialoguePlay) {
    this.#steps = dialogue.steps.flatMap((step, index) =>
      isSpoken(step) && step.from !== speaker ? [{ index, step }] : [],
    );
  }

  /** Takes what came. Returns what the prover may see of it. */
  hear(chunk: Buffer): Buffer {
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    const seen: Buffer[] = [];
    for (let row = this.#steps[this.#at]; row !== undefined; row = this.#steps[this.#at]) {
      const length = heardLength(row.step, this.#waiting, this.values);
      if (length === undefined) {
        seen.push(this.#partOf(row.step));
        return Buffer.concat(seen);
      }
      seen.push(this.#whole(row.step, length));
      this.#at++;
      this.#passed = 0;
      this.#wake();
    }
    seen.push(this.#rest());
    return Buffer.concat(seen);
  }

  /** The input has ended. Returns the bytes that were held back, unchanged. */
  end(): Buffer {
    this.#isOver = true;
    this.#wake();
    return this.#rest();
  }

  /** Whether the remote says everything before a step, within `patience` ms. */
  async saidAllBefore(index: number, patience: number): Promise<boolean> {
    const deadline = performance.now() + patience;
    for (;;) {
      const owed = this.#steps[this.#at];
      if (owed === undefined || owed.index > index) {
        return true;
      }
      const left = deadline - performance.now();
      if (this.#isOver || left <= 0) {
        return false;
      }
      await this.#sign(left);
    }
  }

  #sign(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.ceil(limit));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Returns what has come of a step, unless its values are to be blanked: that needs the whole step. */
  #partOf(step: SpokenStep): Buffer {
    if (step.capture !== undefined) {
      return NOTHING;
    }
    const part = this.#waiting.subarray(this.#passed);
    this.#passed = this.#waiting.length;
    return part;
  }

  #whole(step: SpokenStep, length: number): Buffer {
    const bytes = this.#waiting.subarray(0, length);
    this.#waiting = this.#waiting.subarray(length);
    const captured = capturesIn(step, bytes);
    for (const { name, start, end } of captured) {
      this.values.set(name, bytes.subarray(start, end));
    }
    return blanked(bytes, captured).subarray(this.#passed);
  }

  #rest(): Buffer {
    const rest = this.#waiting.subarray(this.#passed);
    this.#waiting = NOTHING;
    this.#passed = 0;
    return rest;
  }
}

/** The bytes with the name of each value in its place. */
function blanked(bytes: Buffer, captured: readonly Captured[]): Buffer {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { name, start, end } of captured.toSorted((one, other) => one.start - other.start)) {
    if (start >= from) {
      parts.push(bytes.subarray(from, start), Buffer.from(`{${name}}`));
      from = end;
    }
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

/** One side of the dialogue, written in the order of its steps. */
class Speech extends Writable {
  readonly #wire: Wire;
  readonly #listener: Listener;
  readonly #play: DialoguePlay;
  readonly #steps: readonly { readonly index: number; readonly step: SpokenStep }[];
  /** Index of the step that ends this side (FIN); -1 if there is none. */
  readonly #finIndex: number;
  #at = 0;
  /** The current step, rendered for this connection, and the number of bytes taken of the one rehearsed. */
  #bytes: Uint8Array = NOTHING;
  #taken = 0;

  constructor(wire: Wire, listener: Listener, play: DialoguePlay) {
    super();
    const { steps } = play.dialogue;
    this.#wire = wire;
    this.#listener = listener;
    this.#play = play;
    this.#steps = steps.flatMap((step, index) =>
      isSpoken(step) && step.from === play.speaker ? [{ index, step }] : [],
    );
    this.#finIndex = steps.findIndex((step) => !isSpoken(step) && step.from === play.speaker);
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    void this.#take(chunk, done);
  }

  override _final(done: () => void): void {
    this.#wire.output.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.output.destroy();
    done(error);
  }

  async #take(chunk: Buffer, done: (error?: Error) => void): Promise<void> {
    try {
      await this.#say(chunk);
      done();
    } catch (error) {
      done(asError(error)); // A value that the remote did not give: no more can be said.
    }
  }

  /** Sends the bytes. Drops them if the remote has not said what must come before their step. */
  async #say(chunk: Buffer): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      const row = this.#steps[this.#at];
      const length = this.#play.lengths[this.#at];
      if (row === undefined || length === undefined) {
        return;
      }
      if (this.#taken === 0) {
        if (!(await this.#listener.saidAllBefore(row.index, this.#play.patience))) {
          return;
        }
        this.#bytes = render(row.step.say, this.#listener.values);
      }
      const count = Math.min(rest.length, length - this.#taken);
      const from = this.#taken;
      this.#taken += count;
      rest = rest.subarray(count);
      const isLast = this.#taken >= length;
      await this.#send(this.#bytes.subarray(from, isLast ? this.#bytes.length : this.#taken));
      if (isLast) {
        this.#at++;
        this.#taken = 0;
        await this.#finish();
      }
    }
  }

  async #finish(): Promise<void> {
    if (this.#at < this.#steps.length || this.#finIndex < 0) {
      return;
    }
    await this.#listener.saidAllBefore(this.#finIndex, this.#play.patience);
    this.#wire.output.end();
  }

  #send(bytes: Uint8Array): Promise<void> {
    const { output } = this.#wire;
    return new Promise((resolve) => {
      if (bytes.length === 0 || output.destroyed || !output.writable) {
        resolve();
        return;
      }
      const gone = (): void => resolve();
      output.once('close', gone);
      output.write(bytes, () => {
        output.off('close', gone);
        resolve();
      });
    });
  }
}

/** The wire as the prover sees it, over the wire to the program. */
export function playDialogue(wire: Wire, play: DialoguePlay): Wire {
  const listener = new Listener(play);
  const input = new PassThrough();
  wire.input.on('data', (chunk: Buffer) => input.write(listener.hear(chunk)));
  wire.input.once('end', () => input.end(listener.end()));
  wire.input.once('error', (error) => input.destroy(error));
  wire.input.once('close', () => {
    if (!input.writableEnded) {
      input.end(listener.end());
    }
  });
  input.once('close', () => wire.input.destroy());
  const output = new Speech(wire, listener, play);
  output.on('error', () => undefined);
  wire.output.on('error', () => input.destroy());
  return { output, input, gate: wire.gate };
}
