// Turns text into bytes and bytes into text, for every folder of src. TextEncoder and TextDecoder are used
// only when the first text is coded, because a host may lack them. jsdom has no TextDecoder, so a module that
// creates a decoder when it is loaded could not even be imported there. This file is pure.

import { UsageError } from './errors.ts';

type Encoder = InstanceType<typeof TextEncoder>;
type Decoder = InstanceType<typeof TextDecoder>;

let encoder: Encoder | undefined;
let strict: Decoder | undefined;

/** Returns the bytes of a text in UTF-8. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= typeof TextEncoder === 'undefined' ? refuseHost('TextEncoder') : new TextEncoder();
  return encoder.encode(text);
}

/**
 * Returns a decoder whose `decode` throws a TypeError for bytes that are no UTF-8. The decoder keeps a byte
 * order mark in the text.
 */
export function strictUtf8(): Decoder {
  strict ??= new (textDecoder())('utf-8', { fatal: true, ignoreBOM: true });
  return strict;
}

/** Returns the text of bytes, with one character for each byte. */
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
