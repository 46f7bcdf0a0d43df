// What is recorded of a protocol.

import type { ROWS } from '../../../src/codec/formats/formats.ts';
import type { Framing } from '../../../src/codec/formats/framing-types.ts';

/** A framing by the name of its row, or its description. */
export type Named = keyof typeof ROWS | Framing;

/** What one side sends in front of the frames: a number of bytes, or a number of frames of another framing. */
export type Handshake = number | { readonly framing: Named; readonly frames: number };

export interface RecordedProtocol {
  readonly name: string;
  /** Names of the Debian packages with the programs. */
  readonly packages: string;
  /** The framing of both directions, up to their ends. */
  readonly framing: Named;
  /** Handshakes of the client and of the server. Default: none. */
  readonly behind?: { readonly client?: Handshake; readonly server?: Handshake };
  /**
   * A script of bash that starts the server. It begins in a temporary folder of its own, `$FOLDER`. `$PORT` is
   * the port to listen on, and `$PROGRAMS` the folder of our own programs.
   */
  readonly server: string;
  /** Scripts of clients in the same folder, at least one for each conversation. They run one after the other. */
  readonly clients: readonly string[];
}
