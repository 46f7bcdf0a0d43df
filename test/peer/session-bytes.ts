// The bytes and results in the model of the sessions: each contains its owner, so that a mix-up is found.

import type { Side } from '../support/session-pair.ts';

/** What tells one channel from every other. */
interface Opened {
  readonly id: number;
  readonly opener: Side;
}

/** Every byte of a channel says where it belongs. */
export function pattern(line: Opened, writer: Side, from: number, length: number): Uint8Array {
  const start = line.id * 31 + line.opener * 97 + writer * 53;
  return Uint8Array.from({ length }, (_, i) => (start + (from + i) * 7) & 0xff);
}

export function bodyOf(id: number): Uint8Array {
  return new Uint8Array(id % 5).fill(id);
}

export function resultOf(id: number): readonly [string, number] {
  return ['of', id];
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
