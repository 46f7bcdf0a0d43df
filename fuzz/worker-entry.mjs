// The entry of the worker thread. A thread starts without the loader for TypeScript, so this file registers
// the loader and imports worker.ts.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
