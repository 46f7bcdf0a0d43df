// Whether there is a Python: what is told with it is left out where there is none.

import { spawnSync } from 'node:child_process';

export const hasPython: boolean = spawnSync('python3', ['--version']).status === 0;
