// inspectConnection() finds frames in a connection of its own program, as `unstick inspect` finds frames in a
// capture.
//
// The connection publishes its chunks on `unstick:chunk`. A second decoder reads the chunks for the
// inspection, so the connection itself behaves as if it were not inspected. One subscription serves all
// inspections, and ends with the last inspection.

import type { CaptureEvent, Conversation, Way } from '../capture/events.ts';
import type { Codec } from '../codec/codec.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import { isUnstickError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import type { Spots } from '../framing/codecs.ts';
import type { FormatName } from '../framing/codec-types.ts';
import { spotsOf, toFraming } from '../framing/framing.ts';
import { Annotator } from '../inspect/annotator.ts';
import type {
  ErrorLine,
  FrameFound,
  GapLine,
  SummaryLine,
  UnfinishedLine,
} from '../inspect/lines.ts';
import { checkFunction, checkNames, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import type { Connection } from '../stream/connection.ts';
import { transportName } from './names.ts';
import { watchChunks } from './watching.ts';
import type { ChunkEvent } from './watching.ts';

/** A chunk: the bytes that one read of the socket gave, or that one write took. */
export interface ChunkLine {
  readonly kind: 'chunk';
  readonly conversation: string;
  /** Direction of the chunk. The bytes that this program sends have `a>b`. */
  readonly direction: Way;
  /** Number of the chunk in its direction, counted from 0. `pieces` of a frame are such numbers. */
  readonly chunk: number;
  /** Time in ms since 1970. */
  readonly time: number;
  /** Offset of the first byte of the chunk in its direction, counted from the start of the inspection. */
  readonly offset: number;
  readonly length: number;
}

/**
 * One finding of an inspection: a chunk, a frame, a gap, an error, or a frame that the end cut off. Findings
 * come in the order in which they are found.
 */
export type ConnectionFinding = ChunkLine | FrameFound | GapLine | ErrorLine | UnfinishedLine;

/** Options of `inspectConnection`. `frames` and `tell` are required. */
export interface InspectConnectionOptions {
  /** Framing of both directions: a description, the name of a format, or a codec. */
  readonly frames: Framing | FormatName | Codec<never, unknown>;
  /**
   * Function that is called with each finding, in the middle of the read or write. If the function throws,
   * the thrown value becomes an uncaught exception, and does not disturb the connection.
   */
  readonly tell: (finding: ConnectionFinding) => void;
  /** Maximum number of bytes from the start of each frame that a finding has as `bytes`. Default 0. */
  readonly shownLength?: number | undefined;
  /**
   * Maximum number of bytes that the inspection holds for unfinished frames. When the inspection would hold
   * more, it gives up the direction that holds most bytes, with the error ERR_FRAME_TOO_LARGE. Default 16
   * MiB.
   */
  readonly maxHeld?: number | undefined;
}

/** A running inspection. It ends with its connection, or when `stop` is called. */
export interface ConnectionInspection {
  /** Returns the counts so far: chunks (`pieces`), frames, frames that lie in several chunks, and errors. */
  summary(): SummaryLine;
  /** Ends the inspection. The connection goes on. */
  stop(): void;
}

const NAMES: OptionNames<InspectConnectionOptions> = {
  frames: true,
  tell: true,
  shownLength: true,
  maxHeld: true,
};
const MAX_HELD = 16 * 1024 * 1024;

/**
 * Shows which frames lie in which chunks of a connection, and where frames break, from now on. In a direction
 * that has sent bytes already, it searches for the first whole frame, as in a capture that begins in the
 * middle. Throws UsageError ERR_OPTION for wrong options.
 *
 * The inspection costs about as much as a second decoder. After each error it also searches up to 64 KiB.
 */
export function inspectConnection<In, Out>(
  connection: Connection<In, Out>,
  options: InspectConnectionOptions,
): ConnectionInspection {
  checkNames('inspectConnection', options, NAMES);
  const { tell, shownLength = 0, maxHeld = MAX_HELD } = options;
  checkFunction('tell', tell);
  return new Inspection(connection, {
    spots: spotsFor(options.frames),
    tell,
    shownLength: whole('shownLength', shownLength),
    maxHeld: whole('maxHeld', maxHeld, { min: 1 }),
  });
}

interface Resolved {
  readonly spots: Spots;
  readonly tell: (finding: ConnectionFinding) => void;
  readonly shownLength: number;
  readonly maxHeld: number;
}

/**
 * Returns how to find frames. After an error the inspection itself searches, so the codec is made without
 * `resync`.
 */
function spotsFor(frames: unknown): Spots {
  if (isCodec(frames)) {
    return { codec: frames, headLength: () => 0, prefixLength: 1 };
  }
  if (frames === undefined) {
    return refuseValue('frames', 'a framing, the name of a format, or a codec', frames);
  }
  const given: unknown = frames;
  const framing = toFraming(given);
  return spotsOf('resync' in framing ? { ...framing, resync: undefined } : framing);
}

function isCodec(given: unknown): given is Codec<never, unknown> {
  return (
    typeof given === 'object' &&
    given !== null &&
    'decoder' in given &&
    typeof given.decoder === 'function'
  );
}

/** The state of one direction. */
interface Progress {
  readonly conversation: Conversation;
  offset: number;
  chunks: number;
}

class Inspection implements ConnectionInspection {
  readonly #connection: Connection<never, unknown>;
  readonly #annotator: Annotator;
  readonly #tell: Resolved['tell'];
  readonly #ways: Readonly<Record<Way, Progress>>;
  readonly #unwatch: () => void;
  #isOver = false;

  constructor(connection: Connection<never, unknown>, options: Resolved) {
    const { spots, tell, shownLength, maxHeld } = options;
    this.#connection = connection;
    this.#tell = harmless(tell);
    this.#annotator = new Annotator({
      spots,
      arePiecesReal: () => true,
      shownLength,
      maxHeld,
      tell: this.#tell,
    });
    const { sent, received, queued } = connection.stats;
    this.#ways = {
      'a>b': progress(connection, sent.bytes + queued > 0),
      'b>a': progress(connection, received.bytes > 0),
    };
    const { conversation } = this.#ways['a>b'];
    this.#annotator.add({ kind: 'open', conversation, time: Date.now() });
    this.#unwatch = watchChunks(connection, this.#chunk);
    void connection.closed.then((error) => this.#end(error));
  }

  summary(): SummaryLine {
    return this.#annotator.summary();
  }

  stop(): void {
    this.#isOver = true;
    this.#unwatch();
  }

  readonly #chunk = ({ direction, bytes }: ChunkEvent): void => {
    const way = direction === 'out' ? 'a>b' : 'b>a';
    const progressed = this.#ways[way];
    const { conversation, offset, chunks } = progressed;
    const { length } = bytes;
    const time = Date.now();
    if (this.#isOver || length === 0) {
      return;
    }
    progressed.offset += length;
    progressed.chunks++;
    const { name } = conversation;
    this.#tell({
      kind: 'chunk',
      conversation: name,
      direction: way,
      chunk: chunks,
      time,
      offset,
      length,
    });
    this.#annotator.add({ kind: 'segment', conversation, direction: way, time, offset, bytes });
  };

  /**
   * Called when the connection is over. Ends both directions as `#howEnded` says, and so reports an
   * unfinished frame.
   */
  #end(error: UnstickError | undefined): void {
    if (this.#isOver) {
      return;
    }
    this.stop();
    for (const direction of ['a>b', 'b>a'] as const) {
      const { conversation } = this.#ways[direction];
      const event: CaptureEvent = {
        kind: 'end',
        conversation,
        direction,
        time: Date.now(),
        how: this.#howEnded(error),
      };
      this.#annotator.add(event);
    }
  }

  /**
   * Returns how both directions ended. With 'open', an unfinished frame is reported as unfinished and not as
   * an error: a connection that was released goes on elsewhere, and a connection that this side cut off could
   * not finish its frames.
   */
  #howEnded(error: UnstickError | undefined): 'fin' | 'reset' | 'open' {
    if (error === undefined) {
      return this.#connection.duplex.destroyed ? 'fin' : 'open';
    }
    return isUnstickError(error) && error.code === 'ERR_CONNECTION_LOST' ? 'reset' : 'open';
  }
}

/**
 * Wraps a function. If the function throws, the thrown value becomes an uncaught exception outside of the
 * read or write that called the function.
 */
function harmless<T>(call: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      call(value);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  };
}

function progress(connection: Connection<never, unknown>, isMidStream: boolean): Progress {
  const conversation = { ...transportName(connection.duplex), index: 0, isMidStream };
  return { conversation, offset: 0, chunks: 0 };
}
