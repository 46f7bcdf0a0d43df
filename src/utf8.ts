// Text to bytes and back, for every room. The coders are made when the first text is coded, because a host may
// lack them: jsdom has no TextDecoder, and a module that makes one at once could not even be imported there.
// Pure.

import { UsageError } from './errors.ts';

type Encoder = InstanceType<typeof TextEncoder>;
type Decoder = InstanceType<typeof TextDecoder>;

let encoder: Encoder | undefined;
let strict: Decoder | undefined;

/** The bytes of a text. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= typeof TextEncoder === 'undefined' ? refuseHost('TextEncoder') : new TextEncoder();
  return encoder.encode(text);
}

/** Decoder of bytes that must be UTF-8: `decode` throws a TypeError for others, and keeps a byte order mark. */
export function strictUtf8(): Decoder {
  strict ??= new (textDecoder())('utf-8', { fatal: true, ignoreBOM: true });
  return strict;
}

/** The text of bytes, one character each. */
export function decodeLatin1(bytes: Uint8Array): string {
  return new (textDecoder())('latin1').decode(bytes);
}

function textDecoder(): typeof TextDecoder {
  return typeof TextDecoder === 'undefined' ? refuseHost('TextDecoder') : TextDecoder;
}

function refuseHost(name: string): never {
  throw new UsageError('ERR_OPTION', `This JavaScript host has no ${name}, which text needs.`, {
    hint: `In tests with jsdom, put this into a setup file: globalThis.${name} = require('node:util').${name}.`,
  });
}
