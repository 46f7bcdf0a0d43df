// Diagnostics channels: what happens inside connections, for programs that subscribe with
// node:diagnostics_channel. Without subscribers nothing is published and no object is made. `connection` is a
// Connection or the Transform of `decodeStream`. For a message stream it is the Connection below.

import { channel } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';

/** Publishes `{ connection, value }` for each value that a reader was given. */
export const frameChannel: Channel = channel('unstick:frame');
/**
 * Publishes `{ connection, error }` for each error that ended a connection or its reading, except
 * ERR_CONNECTION_CLOSED.
 */
export const errorChannel: Channel = channel('unstick:error');
/** Publishes `{ connection, error }` for each frame that was skipped, and for each gap between frames. */
export const skipChannel: Channel = channel('unstick:skip');
/**
 * Publishes `{ connection, direction, bytes }` for each chunk that came (`'in'`) or was handed to the duplex
 * (`'out'`). The bytes are valid only during the call. Only connections publish here; `decodeStream` does
 * not.
 */
export const chunkChannel: Channel = channel('unstick:chunk');
