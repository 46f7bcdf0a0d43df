// The rows of an inspection, as many as memory allows. Pure.
//
//   findings ──▶ Trace: blocks of rows ──▶ lists by filter (lists.ts) ──▶ what a page asks for (questions.ts)
//
// Rules:
// - A row has a number. It keeps its number, and is never changed.
// - Nothing is forgotten silently: `first` and `notKept` say what is missing, and a frame says whether its
//   bytes are forgotten.
// - `keep: 'last'` forgets the oldest rows of a live source. `keep: 'first'` keeps the first rows of a file, and
//   behind them still errors and gaps.

import type { Finding } from '../inspect/lines.ts';
import { Block, BLOCK_ROWS } from './block.ts';
import type { FrameFacts } from './block.ts';
import type { Row } from './rows.ts';

export interface TraceOptions {
  readonly keep: 'first' | 'last';
  /** Maximum number of rows, in whole blocks. Default 1 048 576. */
  readonly maxRows?: number | undefined;
  /**
   * Maximum number of bytes for bytes of frames, cuts and messages, about. Default 64 MiB.
   */
  readonly maxHeld?: number | undefined;
}

const MAX_ROWS = 1024 * 1024;
const MAX_HELD = 64 * 1024 * 1024;
/** Number of errors and gaps that are kept of a file whose frames are too many. */
const MORE_ERRORS = 65_536;

export class Trace {
  readonly #options: TraceOptions;
  #blocks: Block[] = [];
  #end = 0;
  #notKept = 0;
  #heldLength = 0;
  /** Whether the frames of a file are too many, so that only errors and gaps are kept. */
  #isFull = false;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** Number of the oldest row that is kept. */
  get first(): number {
    return this.#blocks[0]?.first ?? this.#end;
  }

  /** Number behind that of the last row. */
  get end(): number {
    return this.#end;
  }

  /** Number of rows that were not kept, or are forgotten. */
  get notKept(): number {
    return this.#notKept;
  }

  /** Memory in bytes, about, of what is kept besides numbers. */
  get heldLength(): number {
    return this.#heldLength;
  }

  /** Adds a finding as a row. */
  add(finding: Finding, facts: FrameFacts): void {
    if (!this.#hasRoom(finding)) {
      this.#notKept++;
      return;
    }
    const block = this.#openBlock();
    const before = block.heldLength;
    if (finding.kind === 'frame') {
      block.addFrame(finding, facts);
    } else {
      const { conversation: _name, ...others } = finding;
      block.addOther({ ...others, id: this.#end, conversation: facts.conversation });
    }
    this.#end++;
    this.#heldLength += block.heldLength - before;
    this.#limit();
  }

  /** The block that has a row, and the place of the row in it. */
  find(id: number): { readonly block: Block; readonly at: number } | undefined {
    const block = this.#blocks[Math.floor((id - this.first) / BLOCK_ROWS)];
    return block === undefined || id >= this.#end ? undefined : { block, at: id - block.first };
  }

  row(id: number): Row | undefined {
    const found = this.find(id);
    return found?.block.rowAt(found.at);
  }

  #hasRoom({ kind }: Finding): boolean {
    const { keep, maxRows = MAX_ROWS, maxHeld = MAX_HELD } = this.#options;
    if (keep === 'last') {
      return true;
    }
    const isFull = this.#end >= maxRows || this.#heldLength >= maxHeld;
    this.#isFull ||= isFull;
    return (
      !this.#isFull ||
      (kind !== 'frame' &&
        this.#end < maxRows + MORE_ERRORS &&
        this.#heldLength < maxHeld + maxHeld / 4)
    );
  }

  #openBlock(): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && !last.isFull) {
      return last;
    }
    const block = new Block(this.#end);
    this.#blocks.push(block);
    return block;
  }

  /** Forgets bytes of the oldest frames first, then the oldest rows. */
  #limit(): void {
    const { keep, maxRows = MAX_ROWS, maxHeld = MAX_HELD } = this.#options;
    if (keep === 'first') {
      return;
    }
    while (this.#heldLength > maxHeld && this.#forgetBytes()) {
      // Each turn forgets those of one block.
    }
    const isTooMuch = (): boolean => this.#end - this.first > maxRows || this.#heldLength > maxHeld;
    while (this.#blocks.length > 1 && isTooMuch()) {
      const oldest = this.#blocks.shift();
      this.#heldLength -= oldest?.heldLength ?? 0;
      this.#notKept += BLOCK_ROWS;
    }
  }

  #forgetBytes(): boolean {
    const block = this.#blocks.slice(0, -1).find(({ areBytesForgotten }) => !areBytesForgotten);
    if (block === undefined) {
      return false;
    }
    const before = block.heldLength;
    block.forgetBytes();
    this.#heldLength += block.heldLength - before;
    return true;
  }
}
