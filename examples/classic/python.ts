// Starts the course's programs in Python, for the scene and the test.

import type { Stage, StartedProgram, StartedServer } from '../support/stage.ts';

const env = { PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' };

export async function servePython(stage: Stage): Promise<StartedServer> {
  const server = stage.command('python3', ['server.py', 0], { name: 'server.py', env });
  const [, port] = await server.line(/listening on .*:(\d+)/);
  return { server, port: Number(port) };
}

export function startPythonClient(stage: Stage, port: number): StartedProgram {
  return stage.command('python3', ['client.py', port], { name: 'client.py', env });
}
