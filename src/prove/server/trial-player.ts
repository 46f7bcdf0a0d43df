// Plays one run on one connection: waits for the greeting, sends the requests as the run says, and listens
// for the answer.

import type { Boundary } from '../../deliver/sender.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import { splitAt } from '../cut-points.ts';
import { firstDifference } from '../evidence/answers.ts';
import { boundariesOf, bordersOf, byRequest } from '../trials/departures.ts';
import { repeated, toServer } from '../trials/trial.ts';
import type { Exchange, Pacing } from './exchange.ts';
import { untilCertain, untilLength } from './listening.ts';
import type { Expected } from './listening.ts';
import { normalized } from './normalize.ts';
import type { ResolvedProveServerOptions } from './options.ts';
import type { ExpectedAnswers, Run } from './run.ts';
import type { RunningServer } from './running-server.ts';

/**
 * Time in ms for which a receiver may leave a piece unread. A boundary after such a piece counts as kept by a
 * pause.
 */
const UNREAD_TIME = 500;
/**
 * MANY_PIECES: number of boundaries from which on the time is SHORTER_UNREAD_TIME, in ms. With that time, a
 * boundary after a piece that is left unread counts as lost.
 */
const MANY_PIECES = 6;
const SHORTER_UNREAD_TIME = 250;
/** MANY_WAITS: number of pieces left unread after which the time is SHORTEST_UNREAD_TIME, in ms. */
const MANY_WAITS = 10;
const SHORTEST_UNREAD_TIME = 40;

/**
 * AFTERMATH: number of bytes to collect after a wrong answer. A silence of AFTERMATH_TIME ms ends the
 * collecting earlier.
 */
const AFTERMATH = 4096;
const AFTERMATH_TIME = 30;

export class TrialPlayer {
  readonly #options: ResolvedProveServerOptions;
  readonly #server: RunningServer;
  /** Number of pieces, in all runs so far, that the server left unread for the whole time. */
  #waits = 0;
  /**
   * The pacing for few pieces. A boundary after a piece that stays unread for the whole time counts as kept
   * by a pause, because a server that only peeks leaves the piece in the queue.
   */
  readonly #patient: Pacing;

  constructor(options: ResolvedProveServerOptions, server: RunningServer) {
    this.#options = options;
    this.#server = server;
    this.#patient = { pause: options.pause, unread: UNREAD_TIME, unreadIs: 'delayed' };
  }

  /**
   * Sends the requests, and listens until the answer is certain. Resolves to how the cuts inside requests
   * were kept.
   */
  async play(
    exchange: Exchange,
    run: Run,
    expected: ExpectedAnswers,
  ): Promise<readonly Boundary[]> {
    if (!(await this.#isGreeted(exchange, expected))) {
      return [];
    }
    const { lockstep, fin } = run.sending;
    const isEof = this.#options.until === 'eof';
    const send =
      lockstep && !isEof ? this.#oneByOne(exchange, run, expected) : this.#send(exchange, run);
    const cuts = await send;
    if (fin === 'apart') {
      await exchange.part(this.#patient);
    }
    if (fin === 'apart' || (isEof && fin !== 'joined')) {
      exchange.finish();
    }
    const open: Expected = { ...expected, end: 'open' };
    await this.#listen(exchange, run, fin === 'late' ? open : expected);
    if (fin === 'late') {
      exchange.finish();
      await this.#listen(exchange, run, expected);
    }
    return cuts;
  }

  /**
   * Resolves to whether the server greets as it did before. If it does not, its answer is already wrong, so
   * nothing is sent.
   */
  async #isGreeted(exchange: Exchange, expected: ExpectedAnswers): Promise<boolean> {
    const { greeting, bytes, slowest } = expected;
    if (greeting === 0) {
      return true;
    }
    await exchange.listen(untilLength(this.#options, { length: greeting, slowest }));
    const greeted = normalized(exchange.bytes, this.#options.normalize);
    return firstDifference(bytes.subarray(0, greeting), greeted) === greeting;
  }

  async #send(exchange: Exchange, { schedule, sending }: Run): Promise<readonly Boundary[]> {
    const chunks = repeated(this.#options.requests, sending.repeat);
    const lengths = chunks.map(({ length }) => length);
    const last = boundariesOf(schedule, lengths).at(-1) ?? 0;
    const isCut = last > 0 && !bordersOf(lengths).includes(last);
    if (sending.fin === 'joined' || (sending.fin === 'apart' && !isCut)) {
      return this.#sendWithFin(exchange, { schedule, sending, isCut }, chunks);
    }
    return cutsOf(await this.#pieces(exchange, { schedule, chunks }));
  }

  /**
   * Sends all but the last piece, and then the last piece. With 'joined', FIN follows at once. A spawned
   * server is stopped while the last piece is sent, so that it gets this piece and FIN together. If there is
   * a cut before the last piece, the server is not stopped: the signal would end a read that waits for more
   * bytes, and the cut would be blamed. Stopping alone may disturb a server, so the control (whole requests
   * with FIN apart) is sent in the same way.
   */
  async #sendWithFin(
    exchange: Exchange,
    { schedule, sending, isCut }: Pick<Run, 'schedule' | 'sending'> & { readonly isCut: boolean },
    chunks: readonly Uint8Array[],
  ): Promise<readonly Boundary[]> {
    const lengths = chunks.map(({ length }) => length);
    const boundaries = boundariesOf(schedule, lengths);
    const pieces = splitAt(Buffer.concat(chunks), [...boundaries]);
    const sent = await this.#pieces(exchange, {
      schedule: toServer([], 0),
      chunks: pieces.slice(0, -1),
    });
    // The connection may have ended at any boundary. Boundaries after its end do not count.
    const end = boundaries.length > 0 ? await exchange.part(this.#patient) : undefined;
    const kept = end === undefined ? sent.kept : [...sent.kept, end];
    const last = pieces.at(-1) ?? Buffer.alloc(0);
    const send = (): Promise<void> => exchange.sendBlindly(last, sending.fin === 'joined');
    await (isCut ? send() : this.#server.whileFrozen(send));
    const borders = new Set(bordersOf(lengths));
    return kept.filter((_, index) => !borders.has(boundaries[index] ?? 0));
  }

  /** Sends each request when the request before it is answered. */
  async #oneByOne(
    exchange: Exchange,
    { schedule, sending, effort }: Run,
    expected: ExpectedAnswers,
  ): Promise<readonly Boundary[]> {
    const chunks = repeated(this.#options.requests, sending.repeat);
    const parts = byRequest(
      schedule,
      chunks.map(({ length }) => length),
    );
    const cuts: Boundary[] = [];
    let before = expected.greeting;
    for (const [index, chunk] of chunks.entries()) {
      const part = parts[index] ?? toServer([], 0);
      cuts.push(...cutsOf(await this.#pieces(exchange, { schedule: part, chunks: [chunk] })));
      const length = expected.lengths[index] ?? before;
      const so = { ...expected, bytes: expected.bytes.subarray(0, length), end: 'open' } as const;
      if (length === before) {
        // No answer to this request comes, so keep a boundary after the request.
        await exchange.part(this.#patient);
      } else {
        const { patience, isComplete } = untilCertain(this.#options, so, effort);
        await exchange.listen(patience);
        if (!isComplete(exchange.bytes)) {
          break;
        }
      }
      before = length;
    }
    return cuts;
  }

  async #pieces(
    exchange: Exchange,
    { schedule, chunks }: { readonly schedule: Schedule; readonly chunks: readonly Uint8Array[] },
  ): Promise<{ readonly kept: readonly Boundary[]; readonly isCut: readonly boolean[] }> {
    const lengths = chunks.map(({ length }) => length);
    const places = boundariesOf(schedule, lengths);
    const isFew = places.length < MANY_PIECES;
    const isPatient = isFew && this.#waits < MANY_WAITS;
    const shorter = this.#waits < MANY_WAITS ? SHORTER_UNREAD_TIME : SHORTEST_UNREAD_TIME;
    const hasty: Pacing = { pause: this.#options.pause, unread: shorter };
    const played = await exchange.play(schedule, chunks, isPatient ? this.#patient : hasty);
    this.#waits += played.unread;
    const borders = new Set(bordersOf(lengths));
    return { kept: played.boundaries, isCut: places.map((at) => !borders.has(at)) };
  }

  async #listen(exchange: Exchange, run: Run, expected: Expected): Promise<void> {
    const { patience, watch, isComplete } = untilCertain(this.#options, expected, run.effort);
    await exchange.listen(patience);
    if (patience.satisfied(exchange.bytes) && !isComplete(exchange.bytes)) {
      // The answer is wrong. To explain it, collect the bytes that follow at once, and see whether the
      // connection ends.
      const most = exchange.bytes.length + AFTERMATH;
      const satisfied = (bytes: Uint8Array): boolean => bytes.length > most;
      await exchange.listen({ satisfied, first: AFTERMATH_TIME, quiet: AFTERMATH_TIME });
      return;
    }
    if (watch === undefined || !isComplete(exchange.bytes)) {
      return;
    }
    const time = Math.max(watch.first, run.linger ?? 0);
    await exchange.listen({ ...watch, first: time, quiet: time });
  }
}

/** Returns how the boundaries inside requests were kept. */
function cutsOf({
  kept,
  isCut,
}: {
  readonly kept: readonly Boundary[];
  readonly isCut: readonly boolean[];
}): readonly Boundary[] {
  return kept.filter((_, index) => isCut[index] === true);
}
