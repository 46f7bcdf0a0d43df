// A server resets every connection, at the client's first byte or before the server speaks. Each client says
// so in one sentence, without a stack trace, and ends with its usual exit code.

import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { portOf } from '../../test/support/sockets.ts';
import { emitted } from '../../test/support/waiting.ts';
import { onStage } from './stage.ts';

interface Client {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether in this protocol the server speaks first. Then the connection is reset before the server speaks.
   */
  readonly speaksFirst?: boolean;
  readonly code: number;
  readonly says: RegExp;
}

const BROKE = /^The remote broke the connection\.\n$/;

const clients: Readonly<Record<string, Client>> = {
  'echo/client.ts': { code: 1, says: BROKE },
  'gbk/client.ts': { code: 1, says: BROKE },
  'classic/client.ts': { code: 1, says: BROKE },
  'time/client.ts': { args: ['--over', 'tcp'], code: 1, says: BROKE },
  'chat/client.ts': { code: 1, says: BROKE },
  'file-transfer/client.ts': {
    args: ['--user', 'alice', 'pwd'],
    env: { FILES_PASSWORD: 'a password' },
    code: 1,
    says: /^Cannot connect: The connection broke: ECONNRESET \(remote .+\)\.\n$/,
  },
  'remote-shell/main.ts': {
    args: ['exec', 'true'],
    env: { UNSTICK_SHELL_TOKEN: 'a token that is long enough' },
    speaksFirst: true,
    code: 255,
    says: /^shell: Cannot connect to .+\n$/,
  },
};

async function resettingServer(speaksFirst: boolean): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.resetAndDestroy());
    if (speaksFirst) {
      setImmediate(() => socket.resetAndDestroy());
    }
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await emitted(server, 'listening');
  return portOf(server);
}

test.each(Object.entries(clients))(
  '%s says it',
  async (file, { args = [], env = {}, ...client }) => {
    const port = await resettingServer(client.speaksFirst === true);
    await onStage(import.meta.url, async (stage) => {
      const started = stage.start(`../${file}`, ['--port', port, ...args], { env });
      started.type('hello\n');
      const { code, stderr } = await started.ended;
      expect(stderr).toMatch(client.says);
      expect(code).toBe(client.code);
    });
  },
);
