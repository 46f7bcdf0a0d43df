// The type of bytes that come out of a node stream.

/**
 * A Buffer. The sockets and files of node give Buffers, and frames that are joined from several chunks are
 * Buffers too. From TypeScript 5.7 on this is `Buffer<ArrayBuffer>`, which fits web APIs, and `Buffer`
 * before.
 */
export type NodeBytes = ReturnType<BufferConstructor['concat']>;
