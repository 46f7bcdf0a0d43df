// Speaking with the other side before it becomes a peer: authentication, usually.

import type { Duplex } from 'node:stream';
import { asError, checkFunction } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { connectionError, lost, remoteAddressOf } from '../stream/transport.ts';

/**
 * Speaks on the duplex and gives back the one to go on with: for example `framed(duplex, messages())`,
 * a challenge, and `connection.release()`. The signal aborts when it takes too long; then the duplex is
 * destroyed, too. What it throws refuses the connection.
 */
export type Admit = (duplex: Duplex, signal: AbortSignal) => Promise<Duplex> | Duplex;

/** The duplex, admitted. Throws what `admit` throws, or ConnectionError ERR_TIMEOUT. */
export async function admitted(
  duplex: Duplex,
  admit: Admit | undefined,
  timeout: number,
): Promise<Duplex> {
  if (admit === undefined) return duplex;
  checkFunction('admit', admit);
  const abort = new AbortController();
  const remoteAddress = remoteAddressOf(duplex);
  if (duplex.destroyed) throw lost(duplex.errored, remoteAddress);
  const end = (error: UnstickError): void => {
    abort.abort(error);
    duplex.destroy();
  };
  // Whether or not `admit` listens to the signal, nobody waits for it any longer.
  const ended = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(asError(abort.signal.reason)));
  });
  const facts = `The other side was not admitted within ${timeout} ms`;
  const late = (): void =>
    end(connectionError('ERR_TIMEOUT', facts, { remoteAddress, limit: timeout }));
  const timer = timeout === 0 ? undefined : setTimeout(late, timeout);
  const onClose = (): void => end(lost(duplex.errored, remoteAddress));
  duplex.once('close', onClose);
  const admission = Promise.resolve(duplex).then((given) => admit(given, abort.signal));
  try {
    return await Promise.race([admission, ended]);
  } catch (error) {
    admission.then(
      (tooLate) => tooLate.destroy(),
      () => undefined,
    );
    // Too late or broken is the reason, whatever `admit` made of it.
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    clearTimeout(timer);
    duplex.off('close', onClose);
  }
}
