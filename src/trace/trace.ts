// Keeps the rows of an inspection, as many as the limits of memory allow. This file is pure.
//
//   findings ──▶ Trace: blocks of rows ──▶ lists by filter (lists.ts) ──▶ answers for a page (inspection.ts)
//
// Rules:
// - A row has a number. It keeps its number, and never changes.
// - No row is forgotten silently: `first` and `notKept` say what is missing, and a frame says whether its
//   bytes were forgotten.
// - With `keep: 'last'` the oldest rows are forgotten, for a live source. With `keep: 'first'` the first rows
//   of a file are kept, and behind them only errors, gaps and unfinished frames, up to a limit.

import type { Finding } from '../inspect/lines.ts';
import { Block, BLOCK_ROWS } from './block.ts';
import type { FrameFacts } from './block.ts';
import type { Row } from './rows.ts';

export interface TraceOptions {
  readonly keep: 'first' | 'last';
  /**
   * Maximum number of rows, in whole blocks. Default 1 048 576. With `keep: 'first'`, up to 65 536 more rows
   * are kept of errors, gaps and unfinished frames.
   */
  readonly maxRows?: number | undefined;
  /**
   * Maximum number of bytes, about, for bytes of frames, cuts and messages together. Default 64 MiB. With
   * `keep: 'first'`, errors, gaps and unfinished frames may take a quarter more.
   */
  readonly maxHeld?: number | undefined;
}

const MAX_ROWS = 1024 * 1024;
const MAX_HELD = 64 * 1024 * 1024;
/**
 * A full trace of a file still takes errors, gaps and unfinished frames, until it has so many rows more than
 * `maxRows`, or a quarter more bytes than `maxHeld`.
 */
const MORE_ERRORS = 65_536;

export class Trace {
  readonly #options: TraceOptions;
  #blocks: Block[] = [];
  #end = 0;
  #notKept = 0;
  #heldLength = 0;
  /**
   * Whether a file has more than the limits allow, so that only errors, gaps and unfinished frames are kept
   * from now on.
   */
  #isFull = false;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** Number of the oldest row that is kept. */
  get first(): number {
    return this.#blocks[0]?.first ?? this.#end;
  }

  /** Number behind the number of the last row. */
  get end(): number {
    return this.#end;
  }

  /** Number of rows that were not kept, or that were forgotten. */
  get notKept(): number {
    return this.#notKept;
  }

  /** Approximate number of bytes of memory that the trace holds besides the columns. */
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

  /** Returns the block that has a row, and the place of the row in that block. */
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

  /** Forgets the bytes of the oldest frames first, and then the oldest rows, until the limits are kept. */
  #limit(): void {
    const { keep, maxRows = MAX_ROWS, maxHeld = MAX_HELD } = this.#options;
    if (keep === 'first') {
      return;
    }
    while (this.#heldLength > maxHeld && this.#forgetBytes()) {
      // Each turn forgets the bytes of one block.
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
