// The entry `unstick/web`: codecs as web streams, for pipeThrough. No file that this entry loads imports a
// module of Node.

export { decodeStream, encodeStream } from '../stream/web-streams.ts';
export type { Bytes } from '../codec/byte-types.ts';
export type { WebDecodeOptions, WebPair } from '../stream/web-streams.ts';
