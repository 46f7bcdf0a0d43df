// The options of `unstick inspect`. --help and the table in docs/inspect.md are made of these rows.

import type { Way } from '../capture/events.ts';
import { oneOf, refuse, refuseValue } from '../options.ts';
import { FRAMES_WORDS } from './frame-words.ts';
import { checkSources } from './gather.ts';
import type { SourceFlags } from './gather.ts';
import { checkHeads } from './inspect-heads.ts';
import { parseCount } from './inputs.ts';
import type { OptionRow } from './option-table.ts';

const MAX_PORT = 65_535;

export interface InspectFlags extends SourceFlags {
  readonly frames?: string;
  readonly codec?: string;
  readonly guess?: boolean;
  readonly json?: boolean;
  readonly bytes?: boolean;
  readonly conversation?: string;
  readonly direction?: Way;
  readonly from?: number;
  readonly errors?: boolean;
  readonly fields?: boolean;
  readonly head?: string;
  readonly wireshark?: string;
  readonly web?: number | true;
}

export const INSPECT_OPTIONS: Readonly<Record<keyof InspectFlags, OptionRow>> = {
  frames: {
    flags: '--frames <format>',
    does: `framing of the streams: ${FRAMES_WORDS}`,
  },
  codec: {
    flags: '--codec <file>',
    does: 'JavaScript file that exports the codec of the frames, instead of `--frames`; it is imported, so it runs',
  },
  guess: {
    flags: '--guess',
    does: 'guess the framing of each conversation, instead of `--frames`; the guess is printed before the findings',
  },
  hex: {
    flags: '--hex <digits>',
    does: 'bytes of a stream, instead of a file; `|` ends a piece',
    parse: parseHex,
  },
  raw: { flags: '--raw', does: 'take files for the bytes of a stream, whatever they begin with' },
  listen: {
    flags: '--listen <host:port>',
    does: 'address where a client connects, to inspect a live connection; needs `--to`',
  },
  to: { flags: '--to <host:port>', does: 'address of the server of a live connection' },
  follow: {
    flags: '--follow',
    does: 'with `--listen`: inspect all connections until Ctrl-C',
    preset: 'until a connection ends',
  },
  json: {
    flags: '--json',
    does: 'print JSON Lines: the source, one object a frame, gap, error or unfinished frame, and the summary',
  },
  bytes: {
    flags: '--bytes',
    does: 'print payload bytes as well, which may hold passwords; those of `--hex` are printed anyway',
  },
  conversation: {
    flags: '--conversation <text>',
    does: 'only conversations with this number, or with this text in their name, such as :9000',
    preset: 'all',
  },
  direction: {
    flags: '--direction <which>',
    does: 'only one direction: to-server or to-client',
    preset: 'both',
    parse: (word, name) =>
      oneOf(name, word, ['to-server', 'to-client']) === 'to-server' ? 'a>b' : 'b>a',
  },
  from: {
    flags: '--from <offset>',
    does: 'print only what begins at or behind this offset of its stream',
    preset: '0',
    parse: parseCount,
  },
  errors: { flags: '--errors', does: 'print only errors, gaps, unfinished frames and the summary' },
  fields: {
    flags: '--fields',
    does: 'print the fields in the head of each frame, for formats whose head is declared',
  },
  head: {
    flags: '--head <file>',
    does: 'JavaScript file that exports a Parser of binary-parser for the head of a frame, instead of `--fields`; it is imported, so it runs',
  },
  wireshark: {
    flags: '--wireshark <file>',
    does: 'Lua file to write: a dissector for Wireshark of the framing of `--frames`; then a source may be left out',
  },
  web: {
    flags: '--web [port]',
    does: 'show a page on this port of 127.0.0.1 instead of printing; write it behind the sources',
    preset: 'no page; a free port',
    parse: parseWebPort,
  },
};

function parseWebPort(word: string, name: string): number {
  if (!/^\d{1,5}$/.test(word) || Number(word) > MAX_PORT) {
    const hint = 'Write the sources in front of it, such as trace.pcap --web.';
    refuseValue(name, { what: 'a port, or nothing', hint }, word);
  }
  return Number(word);
}

/** Reads hex digits, with spaces and `_` anywhere. A bar ends a piece. */
function parseHex(text: string, name: string): readonly Uint8Array[] {
  return text.split('|').flatMap((part) => {
    const digits = part.replaceAll(/[\s_]/g, '');
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) {
      const hint = 'Two digits a byte, such as --hex "0000 | 0005 68656c6c6f".';
      refuseValue(name, { what: 'hexadecimal', hint }, text);
    }
    return digits === '' ? [] : [Buffer.from(digits, 'hex')];
  });
}

/** Refuses flags that contradict each other, before anything is opened. */
export function checkFlags(sources: readonly string[], flags: InspectFlags): void {
  const { frames, codec, guess } = flags;
  if ([frames !== undefined, codec !== undefined, guess === true].filter(Boolean).length !== 1) {
    refuse(
      'Give --frames, --codec or --guess: it says where frames lie.',
      'Such as --frames u32be.',
    );
  }
  checkHeads(flags);
  if (!isExportOnly(sources, flags)) {
    checkSources(sources, flags);
  }
  if (flags.web !== undefined && flags.json === true) {
    refuse('Give --web or --json.', 'The page shows what --json prints.');
  }
}

/** Returns whether the command only writes a dissector, because there is no source to inspect. */
export function isExportOnly(sources: readonly string[], flags: InspectFlags): boolean {
  const { wireshark, hex, listen, to } = flags;
  const given = [hex, listen, to].some((one) => one !== undefined);
  return wireshark !== undefined && sources.length === 0 && !given;
}
