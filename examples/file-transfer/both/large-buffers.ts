// A file passes through a process in buffers that live for a moment. V8 counts their bytes against a limit
// that it derives from the heap. The heap is small here, so V8 collects all garbage every ten megabytes. That
// is ninety collections per gigabyte, and took a third of all processor time when we measured it on Node 20.
// This function raises the limit from less than twice the live bytes to eleven times. Memory use stays as
// constant, some megabytes higher. Call it before anything else, and only in programs, not in libraries.

import { setFlagsFromString } from 'node:v8';

export function expectLargeBuffers(): void {
  setFlagsFromString('--heap-growing-percent=1000');
}
