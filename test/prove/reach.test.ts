// Each way to reach a program under test. A correct program is SAFE, and a program that takes a chunk for a
// line is BROKEN.

import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseDialogue } from '../../src/prove/dialogue/parse.ts';
import { renderReport } from '../../src/prove/evidence/report-text.ts';
import { proveServer } from '../../src/prove/server/prove-server.ts';
import type { ProveServerOptions } from '../../src/prove/server/options.ts';
import { cert, key } from '../support/self-signed.ts';

/** Returns the verdict, or the whole report if the verdict is not the wanted one. */
async function verdict(wanted: string, options: ProveServerOptions): Promise<string> {
  const report = await proveServer({ seed: 7, runs: 12, ...options });
  return report.verdict === wanted ? wanted : renderReport(report);
}

/** Two ways to handle lines. `right` keeps a line that is not whole, and `naive` takes a chunk for a line. */
const LINES = {
  right: `let rest = ''; const on = (chunk, say) => { rest += chunk;
    for (let at; (at = rest.indexOf('\\n')) >= 0; rest = rest.slice(at + 1)) say('<' + rest.slice(0, at) + '>\\n'); };`,
  naive: `const on = (chunk, say) => say('<' + String(chunk).trim() + '>\\n');`,
};

function serve(kind: keyof typeof LINES): (socket: Socket) => void {
  return (socket) => {
    let rest = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest += String(chunk);
      const lines = kind === 'right' ? rest.split('\n').slice(0, -1) : [rest.trim()];
      rest = kind === 'right' ? (rest.split('\n').at(-1) ?? '') : '';
      for (const line of lines) {
        socket.write(`<${line}>\n`);
      }
    });
  };
}

async function listening(server: Server, where: net.ListenOptions): Promise<AddressInfo | string> {
  onTestFinished(() => void server.close());
  await once(server.listen(where), 'listening');
  return server.address() ?? '';
}

const REQUEST = Buffer.from('hello\n');

const secure = (): Server => tls.createServer({ key, cert }, serve('right'));
const inTheClear = (): Server =>
  net.createServer((socket) => socket.on('error', () => undefined).end('220 ready, say hello\n'));

describe('a TLS handshake that fails', () => {
  test.each([
    ['an unknown issuer', secure, {}, '--tls-ca'],
    ['another name', secure, { ca: cert, servername: 'example.org' }, '--tls-name'],
    ['no TLS at all', inTheClear, {}, 'leave out --tls'],
  ] as const)('is INCONCLUSIVE and says what to do: %s', async (_name, make, given, advice) => {
    const address = await listening(make(), { port: 0, host: '127.0.0.1' });
    const to = `localhost:${typeof address === 'object' ? address.port : 0}`;
    const report = await proveServer({ to, tls: given, send: REQUEST });
    expect(report.verdict).toBe('INCONCLUSIVE');
    expect(renderReport(report)).toContain(advice);
  });
});

describe.each([
  ['right', 'SAFE'],
  ['naive', 'BROKEN'],
] as const)('a %s program', (kind, wanted) => {
  test(`over TLS is ${wanted}`, async () => {
    const server = tls.createServer({ key, cert }, serve(kind));
    const address = await listening(server, { port: 0, host: '127.0.0.1' });
    const to = `localhost:${typeof address === 'object' ? address.port : 0}`;
    expect(await verdict(wanted, { to, tls: { ca: cert }, send: REQUEST })).toBe(wanted);
  });

  test(`over a unix socket is ${wanted}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unstick-reach-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'socket');
    await listening(net.createServer(serve(kind)), { path });
    expect(await verdict(wanted, { to: `unix:${path}`, send: REQUEST, runs: 6 })).toBe(wanted);
  });

  test(`over its standard input is ${wanted}`, async () => {
    const program = `${LINES[kind]} process.stdin.on('data', (chunk) => on(chunk, (line) => process.stdout.write(line)));`;
    const stdio = `exec node -e '${program.replaceAll("'", `'"'"'`)}'`;
    expect(await verdict(wanted, { stdio, send: REQUEST, runs: 6 })).toBe(wanted);
  });

  test(`that is a client is ${wanted}`, async () => {
    const program = `${LINES[kind]} const socket = require('net').connect(+process.argv[1], '127.0.0.1');
      socket.write('GET\\n'); socket.on('data', (chunk) => on(chunk, (line) => process.stdout.write(line)));
      socket.on('end', () => socket.end());`;
    const client = `exec node -e '${program.replaceAll("'", `'"'"'`)}' {port}`;
    const dialogue = parseDialogue(
      JSON.stringify({
        version: 1,
        steps: [
          { from: 'client', say: [{ text: 'GET\n' }], until: { lines: 1 } },
          { from: 'server', say: [{ text: 'one\ntwo\n' }] },
          { from: 'server', fin: true },
        ],
      }),
    );
    expect(await verdict(wanted, { client, dialogue, runs: 6 })).toBe(wanted);
  });
});

/** Makes a client that connects with `go`, and connects again where the program says so. */
const clientOf = (program: string): string => {
  const whole = `const go = () => { const socket = require('net').connect(+process.argv[1], '127.0.0.1');
    socket.on('error', () => undefined).write('GET\\n'); socket.setEncoding('latin1'); return socket; };
    ${program}`;
  return `exec node -e '${whole.replaceAll("'", `'"'"'`)}' {port}`;
};

describe('a client that opens another connection', () => {
  const dialogue = parseDialogue(
    JSON.stringify({
      version: 1,
      steps: [
        { from: 'client', say: [{ text: 'GET\n' }], until: { lines: 1 } },
        { from: 'server', say: [{ text: 'one\n' }] },
        { from: 'server', fin: true },
      ],
    }),
  );
  test.each([
    ['beside the first', `go().resume().on('end', () => process.exit()); go();`],
    [
      'behind the first, again and again',
      `const poll = () => go().resume().on('close', () => setTimeout(poll, 5)).on('end', function () { this.end(); }); poll();`,
    ],
  ])('%s, is INCONCLUSIVE, and the reason says what to do', async (_, program) => {
    const options = { client: clientOf(program), dialogue, runs: 4, patience: 2000 };
    const report = await proveServer({ seed: 7, ...options });
    expect(report).toMatchObject({
      verdict: 'INCONCLUSIVE',
      because: expect.stringContaining('more than one connection'),
    });
  });

  test('when its answer was cut, is BROKEN: it has not understood the first part', async () => {
    const program = `const once = () => go().once('data', function (text) {
      if (text === 'one\\n') { process.stdout.write(text); process.exit(); }
      this.destroy(); setTimeout(once, 5); }); once();`;
    const options = { client: clientOf(program), dialogue, runs: 4, patience: 2000 };
    const report = await proveServer({ seed: 7, ...options });
    expect(report.verdict).toBe('BROKEN');
    // Whether the client connects again within that run depends on the machine.
    const seen = Buffer.from(report.failure?.cut.bytes ?? []).toString();
    expect(seen).toMatch(/^GET\n(?!one)/);
  });
});

/** Makes a server that greets with a new nonce each time, and expects it back. */
function challenge(kind: 'right' | 'naive'): (socket: Socket) => void {
  return (socket) => {
    const nonce = Math.random().toString(36).slice(2);
    let rest = '';
    socket.on('error', () => undefined);
    socket.write(`220 <${nonce}>\r\n`);
    socket.on('data', (chunk) => {
      rest = kind === 'right' ? rest + String(chunk) : String(chunk);
      for (let at = rest.indexOf('\r\n'); at >= 0; at = rest.indexOf('\r\n')) {
        const line = rest.slice(0, at);
        rest = rest.slice(at + 2);
        socket.write(line === `LOGIN ${nonce}` || line === 'NOOP' ? '250 ok\r\n' : '500 no\r\n');
      }
    });
  };
}

const LOGIN = parseDialogue(
  JSON.stringify({
    version: 1,
    steps: [
      {
        from: 'server',
        say: [{ text: '220 <x>\r\n' }],
        until: { lines: 1 },
        capture: { nonce: { after: { text: '<' }, before: { text: '>' } } },
      },
      { from: 'client', say: [{ text: 'LOGIN ' }, { value: 'nonce' }, { text: '\r\n' }] },
      { from: 'server', say: [{ text: '250 ok\r\n' }], until: { lines: 1 } },
      { from: 'client', say: [{ text: 'NOOP\r\n' }] },
      { from: 'server', say: [{ text: '250 ok\r\n' }], until: { lines: 1 } },
    ],
  }),
);

describe('a dialogue with a value that is new on each connection', () => {
  test.each([
    ['right', 'SAFE'],
    ['naive', 'BROKEN'],
  ] as const)('proves a %s server %s', async (kind, wanted) => {
    const address = await listening(net.createServer(challenge(kind)), {
      port: 0,
      host: '127.0.0.1',
    });
    const to = `127.0.0.1:${typeof address === 'object' ? address.port : 0}`;
    expect(await verdict(wanted, { to, dialogue: LOGIN })).toBe(wanted);
  });

  test('that the server does not follow is INCONCLUSIVE, with the step and what came', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined).write('220 hello\r\n');
    });
    const address = await listening(server, { port: 0, host: '127.0.0.1' });
    const to = `127.0.0.1:${typeof address === 'object' ? address.port : 0}`;
    const report = await proveServer({ to, dialogue: LOGIN, patience: 10_000 });
    expect(report).toMatchObject({
      verdict: 'INCONCLUSIVE',
      because: expect.stringContaining('step 0 has no value "nonce" in "220 hello\\r\\n"'),
    });
  });
});

test.each([
  ['that is not there', 'exec /nowhere/program', 127],
  ['that fails', 'exec false', 1],
])('a program %s is INCONCLUSIVE with its exit code', async (_, stdio, code) => {
  const report = await proveServer({ stdio, send: REQUEST, patience: 10_000 });
  expect(report.because).toContain(
    `answered nothing to the whole requests and exited with code ${code};`,
  );
});

test('a client that ends before it connects is INCONCLUSIVE with how it ended', async () => {
  const report = await proveServer({ client: 'exit 4 # {port}', dialogue: LOGIN });
  expect(report.because).toBe(
    'the client does not connect: it exited with code 4 before it connected',
  );
});

test('the report calls the program what it is', async () => {
  const report = await proveServer({ stdio: 'exec true', send: REQUEST, patience: 10_000 });
  expect(renderReport(report)).toContain('the program answered nothing');
});

describe('a target is refused', () => {
  test.each<[string, ProveServerOptions, string]>([
    ['that is missing', { send: REQUEST }, 'The target is missing'],
    ['that is given twice', { to: ':1', stdio: 'cat', send: REQUEST }, 'given twice: to and stdio'],
    ['that is a unix socket without a path', { to: 'unix:', send: REQUEST }, 'unix:PATH'],
    ['that is an empty command', { stdio: ' ', send: REQUEST }, 'a shell command'],
    ['that is a client without a port', { client: 'cat', dialogue: LOGIN }, 'no {port}'],
    ['that is a client without a dialogue', { client: 'nc :{port}' }, 'needs a dialogue'],
    ['with TLS on pipes', { stdio: 'cat', tls: true, send: REQUEST }, 'tls is for sockets'],
    ['with half a certificate', { to: ':1', tls: { cert }, send: REQUEST }, 'belong together'],
    [
      'with a request and a dialogue',
      { to: ':1', send: REQUEST, dialogue: LOGIN },
      'beside dialogue',
    ],
  ])('%s', async (_, options, words) => {
    await expect(proveServer(options)).rejects.toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining(words),
    });
  });
});
