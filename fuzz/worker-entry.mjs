// A thread starts without the loader that reads TypeScript; this registers it and goes on in worker.ts.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
