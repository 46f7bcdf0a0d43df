// Who hears of errors, and which of them are ours. What a remote does by itself (reset, go, break a rule)
// is no fault of this side: without a listener nobody is told.

import { ConnectionError, isUnstickError, ProtocolError } from '../errors.ts';
import { warn } from '../stream/remotes-doing.ts';
import { codeOf } from '../stream/transport.ts';
import { RemoteError } from './session/remote-error.ts';

/** Tells `onError`, where there is one; else warns of what is a fault of this side. Never throws. */
export function report(
  error: unknown,
  onError: ((error: unknown) => void) | undefined,
  isRemotesDoing: boolean = isAboutRemote(error),
): void {
  try {
    if (onError !== undefined) {
      onError(error);
    } else if (!isRemotesDoing) {
      warn(error);
    }
  } catch (thrown) {
    warn(thrown);
  }
}

/** An error that a remote can cause alone: a loss, a broken rule, a reset, a refusal. */
export function isAboutRemote(error: unknown): boolean {
  if (error instanceof RemoteError || error instanceof ProtocolError) {
    return true;
  }
  if (!(error instanceof ConnectionError)) {
    return false;
  }
  return error.code !== 'ERR_LISTEN' && error.reason !== 'handler';
}

/**
 * What a handler throws because the other side went first: the reason of its aborted signal, or what
 * node's streams say of a channel that was ended from outside.
 */
export function isAftermath(error: unknown, cause: unknown): boolean {
  if (error === cause) {
    return true;
  }
  if (isUnstickError(error)) {
    return isAboutRemote(error);
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return true;
  }
  return codeOf(error)?.startsWith('ERR_STREAM_') === true;
}
