// Finds Python. Without Python, the parts of scenes that need it are left out.

import { spawnSync } from 'node:child_process';

export const hasPython: boolean = spawnSync('python3', ['--version']).status === 0;
