// A connection uses one codec for both directions, or one codec for each direction.

import type { Codec } from '../codec/codec.ts';
import { UsageError } from '../errors.ts';

/** A codec for each direction: `write` encodes what this side sends, `read` decodes what the remote sends. */
export interface CodecPair<In, Out> {
  readonly write: Codec<In, unknown>;
  readonly read: Pick<Codec<unknown, Out>, 'decoder' | 'isPatient'>;
}

/**
 * Returns the codec of each direction. Throws UsageError ERR_OPTION for a value that is neither a codec nor a
 * pair.
 */
export function codecPair<In, Out>(codec: Codec<In, Out> | CodecPair<In, Out>): CodecPair<In, Out> {
  if (typeof codec === 'object' && codec !== null) {
    const pair = 'read' in codec ? codec : { read: codec, write: codec };
    const { read, write } = pair;
    if (typeof read?.decoder === 'function' && typeof write?.encode === 'function') {
      return pair;
    }
  }
  throw new UsageError('ERR_OPTION', 'The codec must be one codec, or a pair { read, write }.', {
    hint: 'Give for example lengthPrefixed(), messages(), or a custom codec.',
  });
}
