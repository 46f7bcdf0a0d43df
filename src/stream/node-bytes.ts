// The type of the bytes that node streams give.

/**
 * A Buffer. The sockets and files of node give Buffers, and frames that are joined from several chunks are
 * Buffers too. From TypeScript 5.7 on the type is `Buffer<ArrayBuffer>`, which fits web APIs. Before 5.7 it
 * is `Buffer`.
 */
export type NodeBytes = ReturnType<BufferConstructor['concat']>;
