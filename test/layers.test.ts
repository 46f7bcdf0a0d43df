// Who may import whom: the table of the architecture, held against the import lines of src.

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '..', 'src');

interface Layer {
  /** Other directories of src, and `errors`. A layer may always import itself. */
  readonly layers: readonly string[];
  /** Packages of npm, and `node:` for everything that Node has. */
  readonly packages: readonly string[];
}

const LAYERS: Readonly<Record<string, Layer>> = {
  errors: { layers: [], packages: [] },
  codec: { layers: ['errors'], packages: [] },
  message: { layers: ['errors', 'codec'], packages: [] },
  stream: { layers: ['errors', 'codec'], packages: ['node:'] },
  peer: { layers: ['errors', 'codec', 'message', 'stream'], packages: ['node:'] },
  schedule: { layers: ['errors'], packages: [] },
  chop: { layers: ['errors', 'schedule'], packages: ['node:'] },
  prove: { layers: ['errors', 'codec', 'schedule', 'chop'], packages: ['node:', 'fast-check'] },
  inspect: { layers: ['errors', 'codec', 'message'], packages: ['binary-parser'] },
};

/** The faces of the package and the command line import whatever they show. */
const FREE = new Set([
  'index.ts',
  'codec/index.ts',
  'prove/index.ts',
  'peer/index.ts',
  'pure-globals.d.ts',
]);
/** The files of the stream layer in which messages become streams. */
const MESSAGES_IN_STREAM = new Set(['stream/message-stream.ts', 'stream/body.ts']);

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'|^import '([^']+)'/gm,
  );
  return Array.from(found, ([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '');
}

/** `codec` for a file of src, `node:` for Node, the name for a package. */
function target(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  if (!specifier.startsWith('.')) return specifier;
  return layerOf(posix.join(posix.dirname(file), specifier));
}

function layerOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');
}

function forbidden(file: string): string[] {
  const own = layerOf(file);
  const layer = LAYERS[own];
  if (layer === undefined) return [`${file} is in no layer`];
  const allowed = new Set([own, ...layer.layers, ...layer.packages]);
  if (MESSAGES_IN_STREAM.has(file)) allowed.add('message');
  return importsOf(file)
    .filter((specifier) => !allowed.has(target(file, specifier)))
    .map((specifier) => `${file} imports ${specifier}`);
}

describe('the layers of src', () => {
  it('are read as they are', () => {
    expect(importsOf('message/head-reader.ts')).toContain('../codec/frame-machine.ts');
    expect(importsOf('errors.ts')).toEqual([]);
    expect(files.length).toBeGreaterThan(20);
  });

  it('import only what the table allows them', () => {
    const held = files.filter((file) => !FREE.has(file) && !file.startsWith('cli/'));
    expect(held.flatMap(forbidden)).toEqual([]);
  });

  it('never import the command line', () => {
    const others = files.filter((file) => !file.startsWith('cli/'));
    const importers = others.filter((file) =>
      importsOf(file).some((specifier) => target(file, specifier) === 'cli'),
    );
    expect(importers).toEqual([]);
  });

  it('leave the commander package to the command line', () => {
    const importers = files.filter((file) => importsOf(file).includes('commander'));
    expect(importers.filter((file) => !file.startsWith('cli/'))).toEqual([]);
  });

  it('have no cycle between them', () => {
    const seen = new Set<string>();
    const order = Object.entries(LAYERS).every(([name, { layers }]) => {
      const below = layers.every((layer) => seen.has(layer));
      seen.add(name);
      return below;
    });
    expect(order).toBe(true);
  });
});
