// A reset was requested after FIN had been sent. libuv refuses that (EINVAL), and Node then takes the
// handle for closing although it never closes: the descriptor was lost, the promise of `end` stayed
// pending, and at its exit the process waited for the handle in a loop that took all of a processor
// (`Environment::CleanupHandles`, seen with a shell over TLS). All cases run in one process, which must
// have no socket left after each and must end by itself.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = new URL('../../src/entries/main.ts', import.meta.url).href;
const peers = new URL('../../src/entries/peer.ts', import.meta.url).href;
const keys = new URL('../support/self-signed.ts', import.meta.url).href;

const program = `
  import { readdirSync, readlinkSync } from 'node:fs';
  import { setImmediate as turn } from 'node:timers/promises';
  import { dial, dialMessages, lengthPrefixed, serve, serveMessages } from ${JSON.stringify(main)};
  import { connect, listen } from ${JSON.stringify(peers)};
  import { cert, key } from ${JSON.stringify(keys)};

  const bytes = Buffer.from('x');
  const codec = lengthPrefixed();
  const ways = {
    framed: {
      serve: (options) => serve(codec, (one) => one.receive(), options),
      connect: async (where) => {
        const one = await dial(codec, where);
        await one.send(bytes);
        return one;
      },
    },
    messages: {
      serve: (options) => serveMessages((one) => one.receive(), options),
      connect: async (where) => {
        const one = await dialMessages(where);
        await one.send({ header: {}, body: bytes });
        return one;
      },
    },
    peer: {
      serve: (options) => listen((one) => one.handle('hi', () => 1), options),
      connect: async ({ signal, ...where }) => {
        const one = await connect(where, { signal });
        await one.request('hi');
        return one;
      },
    },
  };
  const endings = {
    end: (one) => void (one.end ?? one.close).call(one).catch(() => undefined),
    close: (one) => void one.close().catch(() => undefined),
    'await close': (one) => one.close(),
  };
  const resets = { destroy: (one) => one.destroy(), abort: (_, abort) => abort.abort() };

  function sockets() {
    return readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync('/proc/self/fd/' + fd).startsWith('socket:');
      } catch {
        return false;
      }
    }).length;
  }

  async function leaves(way, secure, [ending, reset]) {
    const before = sockets();
    const server = way.serve({ ...(secure ? { tls: { key, cert } } : {}), onError: () => undefined });
    await server.ready;
    const abort = new AbortController();
    const where = { port: server.port, signal: abort.signal, ...(secure ? { tls: { ca: cert } } : {}) };
    const one = await way.connect(where);
    await endings[ending](one);
    resets[reset](one, abort);
    await one.closed;
    await server.close({ within: 0 });
    for (let turns = 0; sockets() > before && turns < 1000; turns++) {
      await turn();
    }
    return sockets() - before;
  }

  // On Node 22 and later, sockets of the loader end during the first connection. So make one whose count is
  // ignored.
  await leaves(ways.framed, false, ['end', 'destroy']);
  for (const [name, way] of Object.entries(ways)) {
    for (const secure of [false, true]) {
      for (const ending of Object.keys(endings)) {
        for (const reset of Object.keys(resets)) {
          const left = await leaves(way, secure, [ending, reset]);
          console.log([name, secure ? 'TLS' : 'TCP', ending, reset, left].join(', '));
        }
      }
    }
  }`;

const isLinux = process.platform === 'linux';

test.runIf(isLinux)('a reset behind an end leaves no socket, and the process can end', () => {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), encoding: 'utf8', timeout: 100_000 },
  );
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => !line.endsWith(', 0'))).toEqual([]);
  expect({ cases: lines.length, status, signal, stderr }).toEqual({
    cases: 36,
    status: 0,
    signal: null,
    stderr: '',
  });
});
