// The type of bytes that come out of a node stream.

/**
 * A Buffer, which every stream of node gives: also a frame that was joined from several of them. From
 * TypeScript 5.7 on this is `Buffer<ArrayBuffer>`, which fits web APIs; before, it is `Buffer`.
 */
export type NodeBytes = ReturnType<BufferConstructor['concat']>;
