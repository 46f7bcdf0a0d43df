// If onError of a server threw, close() failed with that error and left the other connections open.

import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { lengthPrefixed, serve } from '../../src/entries/main.ts';

test('a server closes although its onError throws, and the process is warned', async () => {
  const warned = once(process, 'warning');
  const server = serve(
    lengthPrefixed(),
    async (connection) => {
      await connection.receive();
      throw new Error('a bug of the handler');
    },
    {
      onError: () => {
        throw new Error('a bug of onError');
      },
    },
  );
  await server.ready;
  const client = connect(server.port, '127.0.0.1').on('error', () => undefined);
  await Promise.all([once(client, 'connect'), once(server.server, 'connection')]);
  await server.close();
  expect(server.connections).toBe(0);
  expect(String(await warned)).toContain('a bug of onError');
  client.destroy();
});
