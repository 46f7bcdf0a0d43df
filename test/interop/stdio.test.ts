// Programs that are spoken to over pipes: a language server with vscode-jsonrpc, and a native messaging
// host. Each schedule starts one.

import { endianness } from 'node:os';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { proveServer } from '../../src/prove/server/prove-server.ts';
import { verdictOn } from './support/innocent.ts';
import { interpreter, python } from './support/python.ts';

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`programs/${name}`, import.meta.url));

/** Starting a process takes most of the time. */
const RUNS = 10;

function call(method: string, params: object, id?: number): Buffer {
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
  return Buffer.from(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function nativeMessage(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const prefix = Buffer.alloc(4);
  if (endianness() === 'LE') {
    prefix.writeUInt32LE(body.length);
  } else {
    prefix.writeUInt32BE(body.length);
  }
  return Buffer.concat([prefix, body]);
}

test('a language server is SAFE however its input is cut', async () => {
  const textDocument = { uri: 'file:///a', languageId: 'text', version: 1, text: '粘包\r\n\r\n' };
  const send = [
    call('initialize', { capabilities: {} }, 1),
    call('textDocument/didOpen', { textDocument }),
    call('textDocument/hover', { textDocument: { uri: 'file:///a' } }, 2),
    call('no/such', {}, 3),
  ];
  const stdio = `exec '${process.execPath}' '${fileOf('language_server.mjs')}'`;
  expect(await verdictOn('language server', undefined, { stdio, send, runs: RUNS })).toBe('SAFE');
});

describe.skipIf(python === undefined)('a native messaging host (needs python3)', () => {
  let stdio = '';
  beforeAll(async () => {
    stdio = `exec '${await interpreter()}' '${fileOf('native_host.py')}'`;
  });

  test('is SAFE however its input is cut', async () => {
    const send = [{ text: '粘包' }, [], 'x'.repeat(300)].map((message) => nativeMessage(message));
    expect(await verdictOn('native host', undefined, { stdio, send, runs: RUNS })).toBe('SAFE');
  });

  test('is cut also where it starts slowly', async () => {
    const send = nativeMessage('粘包');
    // Longer than a program that runs may leave a piece unread.
    const report = await proveServer({ stdio: `sleep 0.8; ${stdio}`, send, runs: 2, seed: 1 });
    expect(report.verdict).toBe('SAFE');
    expect(report.schedules).toEqual({ exact: 2, delayed: 0, lost: 0 });
  });
});
