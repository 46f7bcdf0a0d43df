// `unstick/web`: codecs for web streams, for pipeThrough. Nothing below it imports a Node built-in.

export { decodeStream, encodeStream } from '../stream/web-streams.ts';
export type { Bytes } from '../codec/byte-types.ts';
export type { WebDecodeOptions, WebPair } from '../stream/web-streams.ts';
