// Speaking with the other side before it becomes a peer: authentication, usually. Whatever comes before a
// peer (connecting, TLS, this, the hello) has one deadline for all of it.

import type { Duplex } from 'node:stream';
import { asError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { connectionError, lost, remoteAddressOf, reset } from '../stream/transport.ts';
import { Alarm } from './alarm.ts';

/**
 * Speaks on the duplex and gives back the one to go on with: for example `framed(duplex, messages())`,
 * a challenge, and `connection.release()`. The signal aborts when it takes too long; then the duplex is
 * destroyed, too. What it throws refuses the connection. To refuse in words, send them, `close()`, and throw:
 * a reset without an end in front of it can overtake the words.
 */
export type Admit = (duplex: Duplex, signal: AbortSignal) => Promise<Duplex> | Duplex;

/** Until when something that was begun must be done. */
export class Admission {
  /** The whole of it, in ms. */
  readonly limit: number;
  readonly deadline: number;

  constructor(limit: number, startedAt: number = performance.now()) {
    this.limit = limit;
    this.deadline = startedAt + limit;
  }

  /** What is left of it, in ms: at least 1. */
  get left(): number {
    return Math.max(1, Math.ceil(this.deadline - performance.now()));
  }
}

/** The duplex, admitted. Throws what `admit` throws, or ConnectionError ERR_TIMEOUT. */
export async function admitted(
  duplex: Duplex,
  admit: Admit | undefined,
  admission: Admission,
): Promise<Duplex> {
  if (admit === undefined) {
    return duplex;
  }
  const abort = new AbortController();
  const remoteAddress = remoteAddressOf(duplex);
  if (duplex.destroyed) {
    throw lost(duplex.errored, remoteAddress);
  }
  const end = (error: UnstickError): void => {
    abort.abort(error);
    reset(duplex);
  };
  // Whether or not `admit` listens to the signal, nobody waits for it any longer.
  const ended = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(asError(abort.signal.reason)));
  });
  const { limit, deadline } = admission;
  const facts = `Connecting and admission took longer than ${limit} ms`;
  const late = (): void => end(connectionError('ERR_TIMEOUT', facts, { remoteAddress, limit }));
  const alarm = new Alarm({ onDue: late, progress: () => bytesReadOf(duplex), isRef: true });
  alarm.set(deadline);
  const onClose = (): void => {
    // `admit` that ended its side refuses in words. It will throw why, and that is the reason to report,
    // however the remote took it.
    if (!duplex.writableEnded) {
      end(lost(duplex.errored, remoteAddress));
    }
  };
  duplex.once('close', onClose);
  const talk = Promise.resolve(duplex).then((given) => admit(given, abort.signal));
  try {
    const result = await Promise.race([talk, ended]);
    if (duplex.destroyed) {
      throw lost(duplex.errored, remoteAddress);
    }
    return result;
  } catch (error) {
    talk.then(
      (tooLate) => tooLate.destroy(),
      () => undefined,
    );
    // Too late or broken is the reason, whatever `admit` made of it.
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    alarm.stop();
    duplex.off('close', onClose);
  }
}

function bytesReadOf(duplex: Duplex): number {
  return 'bytesRead' in duplex && typeof duplex.bytesRead === 'number' ? duplex.bytesRead : 0;
}
