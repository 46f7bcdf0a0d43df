// Messages of vscode-jsonrpc. They have header and body in one JSON text, and it decodes both.

import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import type { Contender } from '../harness.ts';
import { inputOf, passes } from '../input.ts';
import type { Count } from '../input.ts';
import { isInstalled, load } from './load.ts';

interface JsonRpc {
  readonly StreamMessageReader: new (readable: Readable) => { listen(callback: () => void): void };
}

const MIB = 1024 * 1024;
const SMALL_BODY = 1024;

export const vscodeJsonRpc: Count = async ({ chunks, frames }) => {
  const { StreamMessageReader } = await load<JsonRpc>('vscode-jsonrpc/node');
  const stream = new PassThrough();
  let found = 0;
  const all = new Promise<void>((resolve) => {
    new StreamMessageReader(stream).listen(() => {
      if (++found === frames) {
        resolve();
      }
    });
  });
  for (const chunk of chunks) {
    if (!stream.write(chunk)) {
      await once(stream, 'drain');
    }
  }
  await all;
  return found;
};

/** A JSON text after a Content-Length header. */
export function contentLengthFrame(json: string): Buffer {
  return Buffer.from(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
}

export function peerMessages(header: object, bodyLength: number): Record<string, Contender> {
  if (!isInstalled('vscode-jsonrpc')) {
    return {};
  }
  const text = JSON.stringify({ ...header, body: 'x'.repeat(bodyLength) });
  const totalLength = (bodyLength < SMALL_BODY ? 2 : 48) * MIB;
  const make = () => inputOf(contentLengthFrame(text), totalLength);
  return { 'vscode-jsonrpc, body in the JSON': passes(make, vscodeJsonRpc) };
}
