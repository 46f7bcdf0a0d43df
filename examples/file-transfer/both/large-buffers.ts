// A file passes through a process in buffers that live for a moment. V8 counts their bytes against a limit
// that it derives from the heap, which is small here, so it collects the whole heap every ten megabytes:
// ninety times a gigabyte, and a third of all processor time, by our measurement on Node 20. With this the
// limit is eleven times what is alive instead of less than twice; memory stays as flat, some megabytes
// higher. To be called before anything else, by programs and not by libraries.

import { setFlagsFromString } from 'node:v8';

export function expectLargeBuffers(): void {
  setFlagsFromString('--heap-growing-percent=1000');
}
