// What all programs of the examples have in common: --help, --version, the words that leave.

import { describe, expect, test } from 'vitest';
import { onStage } from './stage.ts';

const programs = [
  'echo/server.ts',
  'echo/client.ts',
  'gbk/server.ts',
  'gbk/client.ts',
  'classic/server.ts',
  'classic/client.ts',
  'time/server.ts',
  'time/client.ts',
  'chat/server.ts',
  'chat/client.ts',
  'file-transfer/server.ts',
  'file-transfer/client.ts',
  'remote-shell/main.ts',
  'devices/fleet.ts',
  'devices/consumer.ts',
  'devices/command.ts',
];

describe.each(programs)('%s', (file) => {
  test('has --help and --version', async () => {
    await onStage(import.meta.url, async (stage) => {
      const help = await stage.start(`../${file}`, ['--help']).ended;
      expect([help.code, help.stderr]).toEqual([0, '']);
      expect(help.stdout).toMatch(/--(?:port|bus)/);
      const version = await stage.start(`../${file}`, ['--version']).ended;
      expect(version).toMatchObject({ code: 0, stderr: '' });
      expect(version.stdout).toMatch(/^unstick \d+\.\d+\.\d+\n$/);
    });
  });
});

describe.each([
  ['echo', []],
  ['gbk', []],
  ['classic', []],
  ['chat', ['--nick', 'anna']],
] as const)('%s', (name, args) => {
  test.each(['exit', 'quit', 'bye'])('leaves on %s', async (word) => {
    await onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve(`../${name}/server.ts`);
      const client = stage.start(`../${name}/client.ts`, ['--port', port, ...args]);
      client.type(`${word}\n`);
      expect((await client.ended).code).toBe(0);
    });
  });
});
