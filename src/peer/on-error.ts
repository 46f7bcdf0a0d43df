// Decides where an error is reported, and which errors are faults of this side. A remote may reset, go or
// break a rule at any time. That is no fault of this side, so without an `onError` it is not reported.

import { ConnectionError, isUnstickError, ProtocolError } from '../errors.ts';
import { warn } from '../stream/remotes-doing.ts';
import { codeOf } from '../stream/transport.ts';
import { RemoteError } from './session/remote-error.ts';

/**
 * Calls `onError`, if there is one. Otherwise prints a warning of the error, unless the remote caused the
 * error. Never throws. If `onError` throws, prints a warning of that error.
 */
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

/**
 * Returns whether the error is no fault of this side, so that no warning is needed. That is true for a
 * ProtocolError, a ConnectionError (also of an aborted call), and a RemoteError (also one that a handler of
 * this side throws to refuse a request). Two ConnectionErrors are faults of this side: the server cannot
 * listen, or a handler exceeded its time.
 */
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
 * Returns whether a handler threw `error` only because its request or channel was already over, by `cause`.
 * That is so if `error` is `cause` itself, a ConnectionError or other error that is no fault of this side, an
 * AbortError, or an error of node's streams.
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
