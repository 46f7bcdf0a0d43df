// The options of `unstick guess`. --help and the table in docs/guessing.md are made of these rows.

import { INSPECT_OPTIONS } from './inspect-options.ts';
import type { SourceFlags } from './gather.ts';
import type { OptionRow } from './option-table.ts';
import { parseSize } from './units.ts';

export interface GuessFlags extends SourceFlags {
  readonly conversation?: string;
  readonly json?: boolean;
  readonly most?: number;
}

export const GUESS_OPTIONS: Readonly<Record<keyof GuessFlags, OptionRow>> = {
  hex: INSPECT_OPTIONS.hex,
  raw: INSPECT_OPTIONS.raw,
  listen: {
    flags: '--listen <host:port>',
    does: 'address where a client connects, to guess from a live connection; needs `--to`',
  },
  to: INSPECT_OPTIONS.to,
  follow: {
    flags: '--follow',
    does: 'with `--listen`: take all connections until Ctrl-C',
    preset: 'until a connection ends',
  },
  conversation: INSPECT_OPTIONS.conversation,
  most: {
    flags: '--most <size>',
    does: 'maximum number of bytes of each direction that are looked at',
    preset: '64KiB',
    parse: parseSize,
  },
  json: { flags: '--json', does: 'print JSON Lines: one object a conversation' },
};
