// The whole program in a worker thread: sockets of a thread, and its own read buffer.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const [code] = await once(new Worker(new URL('./out/consumer.js', import.meta.url)), 'exit');
process.exitCode = code;
