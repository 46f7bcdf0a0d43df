// If a socket was reset in the tick in which its TLS handshake was done, the process ended with a
// segmentation fault: the callback of TLS went on with the raw socket below. Each case runs in a process of
// its own, with the built package: run `npm run build` before (`npm test` does).

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cert, key } from '../support/self-signed.ts';

function program(handler: string, act: string): string {
  return `
    import { dial, lengthPrefixed, serve } from 'unstick';
    import { connect, listen } from 'unstick/peer';
    const { cert, key } = ${JSON.stringify({ cert, key })};
    const codec = lengthPrefixed();
    const tls = { ca: cert };
    const server = serve(codec, ${handler}, { tls: { key, cert }, onError: () => undefined });
    const peerServer = listen(() => undefined, { tls: { key, cert } });
    await Promise.all([server.ready, peerServer.ready]);
    const connection = await dial(codec, { port: server.port, tls });
    const peer = await connect({ port: peerServer.port, tls });
    ${act}
    await Promise.all([server.close({ within: 0 }), peerServer.close({ within: 0 })]);
    console.log('all is over');`;
}

const WAITS = '(connection) => connection.closed';

test.each([
  ['by the client', WAITS, 'connection.destroy(); peer.destroy();'],
  ['by the client, in the tick of its end', WAITS, 'void connection.end(); connection.destroy();'],
  [
    'by a handler',
    '(connection) => connection.destroy()',
    'await connection.receive().catch(() => undefined);',
  ],
  [
    'by a handler that throws',
    '() => { throw new Error("bug"); }',
    'await connection.receive().catch(() => undefined);',
  ],
])('a reset at once %s leaves the process alive', (_, handler, act) => {
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program(handler, act)],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), encoding: 'utf8', timeout: 100_000 },
  );
  expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: 'all is over\n' });
});
