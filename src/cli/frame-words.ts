// The words of --frames and --codec, and what the commands need of them: where frames lie. The command line
// does this, so that neither the prover nor the proxy needs a codec.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Codec } from '../codec/codec.ts';
import { UsageError } from '../errors.ts';
import { spotsOf } from '../framing/framing.ts';
import type { Spots } from '../framing/codecs.ts';
import { parseFraming } from '../framing/words.ts';
import { refuse } from '../options.ts';
import { printable } from '../text.ts';
import { readBytes, reasonOf } from './inputs.ts';

/** What --help says of a word for a framing. */
export const FRAMES_WORDS =
  'NAME (docs/formats.md), a prefix such as u32be, TYPE@OFFSET+N such as u16be@4+6, JSON, or @FILE';

function readText(path: string): string {
  return Buffer.from(readBytes(path)).toString();
}

/** Where frames lie, in the framing that a word stands for. */
export function parseSpots(word: string, name: string): Spots {
  return spotsOf(parseFraming(word, name, readText));
}

/**
 * Where frames lie, by the codec that a JavaScript file exports as default or as `codec`. Importing the file
 * runs it.
 */
export async function importSpots(path: string): Promise<Spots> {
  const codec = codecIn(await importFile(path));
  return codec === undefined
    ? refuse(
        `${printable(path)} exports no codec.`,
        'Export { encode, decoder } as default, or under the name codec.',
      )
    : { codec, headLength: () => 0, prefixLength: 1 };
}

async function importFile(path: string): Promise<object> {
  try {
    const module: object = await import(pathToFileURL(resolve(path)).href);
    return module;
  } catch (cause) {
    throw new UsageError('ERR_OPTION', `Cannot import ${printable(path)}: ${reasonOf(cause)}.`, {
      cause,
    });
  }
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
