// What a request takes besides its name and params.

import { UsageError } from '../errors.ts';

export interface RequestOptions {
  /** Bytes besides the params; text is sent as UTF-8. */
  readonly body?: Uint8Array | string | undefined;
  /** In ms; then ERR_TIMEOUT, and the handler's signal aborts. Default: the peer's requestTimeout. */
  readonly timeout?: number | undefined;
  /** Gives up; the handler's signal aborts, too. */
  readonly signal?: AbortSignal | undefined;
}

const NO_BYTES = new Uint8Array(0);

/** The bytes of a body. Throws UsageError ERR_FRAME_UNENCODABLE. */
export function bytesOf(body: Uint8Array | string | undefined): Uint8Array {
  if (body === undefined) return NO_BYTES;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new UsageError('ERR_FRAME_UNENCODABLE', 'A body must be bytes or text.', {
    hint: 'For streams open a channel.',
  });
}
