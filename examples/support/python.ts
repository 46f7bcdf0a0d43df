// Finds Python. Without it, the scenes with Python are left out.

import { spawnSync } from 'node:child_process';

export const hasPython: boolean = spawnSync('python3', ['--version']).status === 0;
