// The flag --wireshark: writes a dissector in Lua for the framing of --frames.

import { basename } from 'node:path';
import { isFormatName } from '../framing/framing.ts';
import { refuse } from '../options.ts';
import { printable } from '../text.ts';
import { wiresharkDissector } from '../wireshark/dissector.ts';
import { parseFramesWord } from './frame-words.ts';
import { writeText } from './inputs.ts';

export interface WiresharkFlags {
  readonly frames?: string;
  readonly codec?: string;
  readonly wireshark?: string;
}

/**
 * Writes the dissector, and prints on the standard error how to use it. The protocol gets the name of the
 * format, or the name of the file. Does nothing without the flag.
 */
export function exportDissector({ frames = '', codec, wireshark }: WiresharkFlags): void {
  if (wireshark === undefined) {
    return;
  }
  if (codec !== undefined) {
    refuse('--wireshark needs --frames: code cannot become Lua, a description can.');
  }
  const framing = parseFramesWord(frames, '--frames');
  const format = isFormatName(frames) ? frames : basename(wireshark).replace(/\.lua$/i, '');
  const { lua, protocol } = wiresharkDissector(framing, { format });
  writeText(wireshark, lua);
  const file = printable(wireshark, { quotes: false });
  process.stderr.write(
    `${protocol}: tshark -X lua_script:${file} -d tcp.port==PORT,${protocol} -r TRACE\n`,
  );
}
