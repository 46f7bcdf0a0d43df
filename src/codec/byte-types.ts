// The type of bytes in memory that no other thread shares, which web APIs ask for. This file is pure.

/**
 * Bytes in an ArrayBuffer, not in a SharedArrayBuffer: they fit `crypto.subtle.digest`, `Blob` and
 * `WebSocket.send`. From TypeScript 5.7 on the type is `Uint8Array<ArrayBuffer>`. In older versions
 * `Uint8Array` is not generic, and the type is `Uint8Array`.
 */
export type Bytes = ReturnType<Uint8ArrayConstructor['of']>;
