// The entry `unstick/arbitraries`: random cuts and hostile bytes for properties with fast-check, which the
// user must install. It is a separate entry, so that a program can import `unstick/testing` without
// fast-check.

export { chunkings, coalescings, cuts, frameCuts, hostileBytes } from '../prove/arbitraries.ts';
export type { ChunkingOptions, HostileOptions } from '../prove/arbitraries.ts';
