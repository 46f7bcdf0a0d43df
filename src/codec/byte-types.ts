// The type of bytes that lie in memory of their own, which web APIs ask for. Pure.

/**
 * Bytes in an ArrayBuffer, not in shared memory: they fit `crypto.subtle.digest`, `Blob` and
 * `WebSocket.send`. From TypeScript 5.7 on this is `Uint8Array<ArrayBuffer>`; before, where
 * `Uint8Array` is not generic, it is `Uint8Array`.
 */
export type Bytes = ReturnType<Uint8ArrayConstructor['of']>;
