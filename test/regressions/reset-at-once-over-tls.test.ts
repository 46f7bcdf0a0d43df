// A reset in the tick in which a TLS handshake was done ended the process with a segmentation fault: the
// callback of TLS went on with the socket below. Each case runs in a process of its own.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = new URL('../../src/entries/main.ts', import.meta.url).href;
const peers = new URL('../../src/entries/peer.ts', import.meta.url).href;
const keys = new URL('../support/self-signed.ts', import.meta.url).href;

function program(handler: string, act: string): string {
  return `
    import { dial, lengthPrefixed, serve } from ${JSON.stringify(main)};
    import { connect, listen } from ${JSON.stringify(peers)};
    import { cert, key } from ${JSON.stringify(keys)};
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
    ['--import', 'tsx', '--input-type=module', '-e', program(handler, act)],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), encoding: 'utf8', timeout: 15_000 },
  );
  expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: 'all is over\n' });
});
