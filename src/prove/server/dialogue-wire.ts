// A wire that plays one side of a dialogue. It takes the bytes of that side as one stream, cut as a schedule
// says, and holds back each step until the remote has said everything that comes before that step. In the
// bytes that it sends, it puts in the values of this connection. In the bytes that it hears, it replaces the
// values by their names.
//
//   prover ── bytes of the rehearsal ──→ output ── bytes of this connection ──→ remote
//   prover ←── values blanked ── input ←── as it came ── remote
//
// Rules:
// - The n-th byte of a step here is the n-th byte of that step in the rehearsal, so that a cut falls on the
//   same place in every connection.
// - Bytes of the remote that are not in the script are passed on unchanged, because the prover judges them.
// - If a step cannot be said in its turn, the wire sends no more bytes, because later steps without this step
//   would be another dialogue. From then on its gate never reports dropped bytes as read.

import { PassThrough, Writable } from 'node:stream';
import type { Gate } from '../../deliver/looking.ts';
import type { Dialogue, Speaker, SpokenStep } from '../dialogue/dialogue.ts';
import { asError } from '../../errors.ts';
import { isSpoken } from '../dialogue/dialogue.ts';
import { blanked, endFinder, keepValues, render } from '../dialogue/steps.ts';
import type { EndFinder } from '../dialogue/steps.ts';
import { Unsayable } from '../dialogue/unsayable.ts';
import { Gathered } from './gathered.ts';
import type { Wire } from './target.ts';
import { Wake } from './wake.ts';

export interface DialoguePlay {
  readonly dialogue: Dialogue;
  /** The side whose steps the wire sends. The other side, the remote, is under test. */
  readonly speaker: Speaker;
  /** Number of bytes that each step of the speaker had in the rehearsal. */
  readonly lengths: readonly number[];
  /** Time in ms to wait for a step of the remote. Infinity means no limit. */
  readonly patience: number;
}

const NOTHING = Buffer.alloc(0);

interface Row {
  readonly index: number;
  readonly step: SpokenStep;
}

/** Returns the steps of one side, with their index in the dialogue. */
function stepsOf({ dialogue, speaker }: DialoguePlay, isSpeaker: boolean): readonly Row[] {
  return dialogue.steps.flatMap((step, index) =>
    isSpoken(step) && (step.from === speaker) === isSpeaker ? [{ index, step }] : [],
  );
}

/** Follows the script while the remote speaks, and keeps the values that the remote says. */
class Listener {
  readonly values = new Map<string, Uint8Array>();
  readonly #steps: readonly Row[];
  /** Function that takes the bytes that the prover may see. */
  readonly #pass: (bytes: Buffer) => void;
  #at = 0;
  /** Function that finds the end of the current step. */
  #finder: EndFinder | undefined;
  #heard = new Gathered();
  /**
   * Offsets in the heard bytes. `#start`: the beginning of the current step. `#passed`: the end of the bytes
   * that were passed on.
   */
  #start = 0;
  #passed = 0;
  #isOver = false;
  readonly #wake = new Wake();

  constructor(play: DialoguePlay, pass: (bytes: Buffer) => void) {
    this.#steps = stepsOf(play, false);
    this.#pass = pass;
  }

  /** Takes bytes that came from the remote. */
  hear(chunk: Buffer): void {
    this.#heard.append(chunk);
    this.#follow();
  }

  /** Keeps the values of a step of our side: the length of the remote's next step may depend on them. */
  learn(step: SpokenStep, bytes: Uint8Array): void {
    if (keepValues(step, bytes, this.values).length > 0 && !this.#isOver) {
      this.#follow();
    }
  }

  /** Called when the input has ended. Passes on the bytes that were held back, unchanged. */
  end(): void {
    this.#isOver = true;
    this.#wake.now();
    this.#passRest();
  }

  /** Resolves to whether the remote says everything before a step within `patience` ms. */
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
      await this.#wake.wait(left);
    }
  }

  #follow(): void {
    for (let row = this.#steps[this.#at]; row !== undefined; row = this.#steps[this.#at]) {
      const length = this.#lengthOf(row.step);
      if (length === undefined) {
        // Pass a step with values on only when it is whole, because its values must be blanked.
        if (row.step.capture === undefined) {
          this.#passRest();
        }
        return;
      }
      this.#finish(row.step, this.#start + length);
    }
    this.#passRest();
    // The remote has said all its steps, so forget the bytes.
    this.#heard = new Gathered();
    this.#start = this.#passed = 0;
  }

  /**
   * Returns the length of the current step, or `undefined` while bytes are missing, or a value that the step
   * repeats.
   */
  #lengthOf(step: SpokenStep): number | undefined {
    this.#finder ??= endFinder(step, this.values);
    try {
      return this.#finder(this.#heard.bytes.subarray(this.#start));
    } catch (error) {
      if (error instanceof Unsayable) {
        return undefined;
      }
      throw error;
    }
  }

  #finish(step: SpokenStep, end: number): void {
    const bytes = this.#heard.bytes.subarray(this.#start, end);
    const captured = keepValues(step, bytes, this.values);
    this.#pass(blanked(bytes, captured).subarray(this.#passed - this.#start));
    this.#start = this.#passed = end;
    this.#finder = undefined;
    this.#at++;
    this.#wake.now();
  }

  #passRest(): void {
    const { bytes } = this.#heard;
    this.#pass(bytes.subarray(this.#passed));
    this.#passed = bytes.length;
  }
}

/** The output of the wire. It takes the bytes of one side of the dialogue, in the order of its steps. */
class Speech extends Writable {
  readonly #wire: Wire;
  readonly #listener: Listener;
  readonly #play: DialoguePlay;
  readonly #steps: readonly Row[];
  /** Index of the step that ends this side (FIN), or -1 if there is none. */
  readonly #finIndex: number;
  #at = 0;
  /**
   * The current step, rendered for this connection (`#bytes`), and how many bytes of the rehearsed step were
   * taken (`#taken`).
   */
  #bytes: Uint8Array = NOTHING;
  #taken = 0;
  #isSilent = false;

  constructor(wire: Wire, listener: Listener, play: DialoguePlay) {
    super();
    const { steps } = play.dialogue;
    this.#wire = wire;
    this.#listener = listener;
    this.#play = play;
    this.#steps = stepsOf(play, true);
    this.#finIndex = steps.findIndex((step) => !isSpoken(step) && step.from === play.speaker);
  }

  /** Whether a step could not be said in its turn. From then on all bytes that are written are dropped. */
  get isSilent(): boolean {
    return this.#isSilent;
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
      done(asError(error));
    }
  }

  /** Sends the bytes, unless a step cannot be said in its turn. */
  async #say(chunk: Buffer): Promise<void> {
    let rest = chunk;
    while (rest.length > 0 && !this.#isSilent) {
      const row = this.#steps[this.#at];
      const length = this.#play.lengths[this.#at];
      if (row === undefined || length === undefined) {
        return;
      }
      if (this.#taken === 0 && !(await this.#begin(row))) {
        this.#isSilent = true;
        return;
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

  /**
   * Renders a step. Resolves to whether it can be said, which needs everything that the remote must say
   * before it.
   */
  async #begin({ index, step }: Row): Promise<boolean> {
    if (!(await this.#listener.saidAllBefore(index, this.#play.patience))) {
      return false;
    }
    try {
      this.#bytes = render(step.say, this.#listener.values);
    } catch (error) {
      if (error instanceof Unsayable) {
        return false;
      }
      throw error;
    }
    this.#listener.learn(step, this.#bytes);
    return true;
  }

  async #finish(): Promise<void> {
    if (this.#at < this.#steps.length || this.#finIndex < 0) {
      return;
    }
    if (await this.#listener.saidAllBefore(this.#finIndex, this.#play.patience)) {
      this.#wire.output.end();
    } else {
      this.#isSilent = true;
    }
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

/**
 * Makes the gate of the wire. It answers 'gone' once bytes are dropped, because the program cannot read them.
 */
function gateOf({ gate }: Wire, speech: Speech): Gate {
  return {
    settled: async (length, patience) =>
      speech.isSilent ? 'gone' : ((await gate?.settled(length, patience)) ?? 'unseen'),
  };
}

/** Makes the wire that the prover sees. It plays the dialogue over `wire`, which leads to the program. */
export function playDialogue(wire: Wire, play: DialoguePlay): Wire {
  const input = new PassThrough();
  const listener = new Listener(play, (bytes) => {
    if (bytes.length > 0 && !input.destroyed) {
      input.write(bytes);
    }
  });
  const end = (): void => {
    if (!input.writableEnded) {
      listener.end();
      input.end();
    }
  };
  wire.input.on('data', (chunk: Buffer) => listener.hear(chunk));
  wire.input.once('end', end).once('close', end);
  wire.input.once('error', (error) => input.destroy(error));
  input.once('close', () => wire.input.destroy());
  const output = new Speech(wire, listener, play);
  output.on('error', () => undefined);
  wire.output.on('error', () => input.destroy());
  return { output, input, gate: gateOf(wire, output) };
}
