// `@unstick/gateway/jetstream`: an entry of its own, so that the client of NATS is loaded only where it is used.

export { jetStream } from './jetstream.ts';
export type { JetStreamOptions } from './options.ts';
