// What happens inside, for programs that subscribe with node:diagnostics_channel. Without subscribers,
// nothing is published and no object is made. `connection` is a Connection or the Transform of
// `decodeStream`. For a message stream it is the Connection below.

import { channel } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';

/** `{ connection, value }` for each value that a reader was given. */
export const frameChannel: Channel = channel('unstick:frame');
/**
 * `{ connection, error }` for each error that ended a connection or its reading, except
 * ERR_CONNECTION_CLOSED.
 */
export const errorChannel: Channel = channel('unstick:error');
/** `{ connection, error }` for each frame that was skipped, and for each gap between frames. */
export const skipChannel: Channel = channel('unstick:skip');
/**
 * `{ connection, direction, bytes }` for each chunk that came (`'in'`) or was handed to the duplex (`'out'`). The
 * bytes are valid during the call. Only connections publish here, not `decodeStream`.
 */
export const chunkChannel: Channel = channel('unstick:chunk');
