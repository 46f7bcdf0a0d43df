// `unstick/arbitraries`: random cuts and hostile bytes for properties with fast-check, which must be
// installed. An entry of its own, so that `unstick/testing` can be imported without fast-check.

export { chunkings, coalescings, cuts, frameCuts, hostileBytes } from '../prove/arbitraries.ts';
export type { ChunkingOptions, HostileOptions } from '../prove/arbitraries.ts';
