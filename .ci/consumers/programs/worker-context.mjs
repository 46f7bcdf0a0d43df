// Runs a bundle in a context like that of a Worker of the edge: the web's globals, and nothing of Node. The
// bundle is one file without imports, which `import` of a built-in would break.

import { readFileSync } from 'node:fs';
import { createContext, SourceTextModule } from 'node:vm';

const { TextEncoder, TextDecoder, ReadableStream, WritableStream, TransformStream, console } =
  globalThis;
const context = createContext({
  TextEncoder,
  TextDecoder,
  ReadableStream,
  WritableStream,
  TransformStream,
  console,
});
const module = new SourceTextModule(readFileSync(process.argv[2], 'utf8'), { context });
await module.link((name) => {
  throw new Error(`${name} is imported.`);
});
await module.evaluate();
