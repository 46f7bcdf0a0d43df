// What the types of `unstick/web` and `unstick/codec` promise to a browser: no type of node is known
// here. Compiled by types.test.ts, never run.

import { lengthPrefixed, messages } from 'unstick/codec';
import { decodeStream, encodeStream } from 'unstick/web';

declare const body: ReadableStream<Uint8Array<ArrayBuffer>>;
declare const values: ReadableStream<Uint8Array>;
declare const socket: WebSocket;
declare function blobOf(part: ConstructorParameters<typeof Blob>[0]): Blob;

export async function frames(): Promise<void> {
  const reader = body.pipeThrough(decodeStream(lengthPrefixed())).getReader();
  const { value } = await reader.read();
  if (value === undefined) {
    return;
  }
  socket.send(value);
  blobOf([value]);
  await crypto.subtle.digest('SHA-256', value);
  await fetch('/', { method: 'POST', body: value });
}

export function pipes(): void {
  values.pipeThrough(encodeStream(lengthPrefixed())).pipeThrough(new CompressionStream('gzip'));
  body.pipeThrough(new DecompressionStream('gzip')).pipeThrough(decodeStream(messages()));
  body.pipeThrough(decodeStream(messages(), { copy: undefined, onSkip: undefined }));
}

export function decoders(): void {
  const decoder = lengthPrefixed().decoder();
  for (const frame of decoder) {
    socket.send(frame);
  }
  const message = messages().decoder().take();
  if (message !== undefined) {
    socket.send(message.body);
  }
}
