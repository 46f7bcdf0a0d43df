// Where an error is reported, and which errors are faults of this side. A remote may reset, go or break a rule
// at any time. That is no fault of this side, so without an `onError` it is not reported.

import { ConnectionError, isUnstickError, ProtocolError } from '../errors.ts';
import { warn } from '../stream/remotes-doing.ts';
import { codeOf } from '../stream/transport.ts';
import { RemoteError } from './session/remote-error.ts';

/**
 * Calls `onError`, if there is one. Otherwise it warns of the error, unless the remote caused the error.
 * Never throws, and warns of what `onError` throws.
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
 * Whether the error is no fault of this side, so that no warning is needed. Such errors are a
 * ProtocolError, a ConnectionError (also of an aborted call), or a RemoteError (also one that a handler of
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
 * Whether a handler threw `error` only because its request or channel was over already, by `cause`. Then
 * `error` is `cause` itself, a ConnectionError or other error that is no fault of this side, an AbortError,
 * or an error of node's streams.
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
