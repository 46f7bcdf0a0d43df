// The words of --frames and --codec, and what finds the frames that they describe. Only the command line
// reads them, so neither the prover nor the proxy needs a codec.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Codec } from '../codec/codec.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import { UsageError } from '../errors.ts';
import { spotsOf } from '../framing/framing.ts';
import type { Spots } from '../framing/codecs.ts';
import { parseFraming } from '../framing/words.ts';
import { refuse } from '../options.ts';
import { printable } from '../text.ts';
import { reading, readText, reasonOf, UnreadableInput } from './inputs.ts';

/** Text of --help for a word that stands for a framing. */
export const FRAMES_WORDS =
  'NAME (docs/formats.md), a prefix such as u32be, TYPE@OFFSET+N such as u16be@4+6, JSON, or @FILE';

/** Returns the framing that a word stands for. Throws UsageError, or UnreadableInput for `@FILE`. */
export function parseFramesWord(word: string, name: string): Framing {
  const parse = (): Framing => parseFraming(word, name, readText);
  return word.startsWith('@') ? reading(parse) : parse();
}

/**
 * Returns what `FrameScanner` needs to find frames of the framing that a word stands for. Throws UsageError,
 * or UnreadableInput for `@FILE`.
 */
export function parseSpots(word: string, name: string): Spots {
  const parse = (): Spots => spotsOf(parseFraming(word, name, readText));
  return word.startsWith('@') ? reading(parse) : parse();
}

/**
 * Reads a word for a framing as `parseSpots` does, but leaves out resync: an inspection searches behind noise
 * itself, and reports what it finds there.
 */
export function parseSpotsWithoutResync(word: string, name: string): Spots {
  const parse = (): Spots => {
    const framing = parseFraming(word, name, readText);
    return spotsOf('resync' in framing ? { ...framing, resync: undefined } : framing);
  };
  return word.startsWith('@') ? reading(parse) : parse();
}

/**
 * Returns what `FrameScanner` needs to find frames of the codec that a JavaScript file exports as default or
 * as `codec`. Importing the file runs it. Rejects with UnreadableInput.
 */
export async function importSpots(path: string): Promise<Spots> {
  const module = await importFile(path);
  const codec = codecIn(module) ?? reading(() => refuseModule(path));
  return { codec, headLength: () => 0, prefixLength: 1 };
}

/** Returns the exports of a JavaScript file. Importing the file runs it. Rejects with UnreadableInput. */
export async function importFile(path: string): Promise<object> {
  try {
    const module: object = await import(pathToFileURL(resolve(path)).href);
    return module;
  } catch (cause) {
    const facts = `Cannot import ${printable(path)}: ${reasonOf(cause)}.`;
    throw new UnreadableInput(new UsageError('ERR_OPTION', facts, { cause }));
  }
}

function refuseModule(path: string): never {
  const hint = 'Export { encode, decoder } as default, or under the name codec.';
  return refuse(`${printable(path)} exports no codec.`, hint);
}

function codecIn(module: object): Codec<never, unknown> | undefined {
  const exported: unknown[] = ['default', 'codec'].map((name) => Reflect.get(module, name));
  return exported.find(isCodec);
}

function isCodec(value: unknown): value is Codec<never, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'encode' in value &&
    'decoder' in value &&
    typeof value.decoder === 'function'
  );
}
