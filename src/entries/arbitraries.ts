// `unstick/arbitraries`: random cuts and hostile bytes for properties with fast-check, which must be
// installed. It is a separate entry, so that `unstick/testing` can be imported without fast-check.

export { chunkings, coalescings, cuts, frameCuts, hostileBytes } from '../prove/arbitraries.ts';
export type { ChunkingOptions, HostileOptions } from '../prove/arbitraries.ts';
